<?php
/**
 * Must-use plugin of the benches: writes down what each request cost, and decides who takes part in it.
 *
 * The file web/arm names the arm of the comparison: "bare" (neither Tillbridge nor webhooks), "tillbridge", "webhooks", anything
 * else: everything that is active. So the arms alternate from request to request with nothing changed in the shop.
 * web/requests.jsonl gets one line for each request, after its customer has the answer.
 *
 * @package Tillbridge
 */

namespace Tillbridge_Bench;

defined( 'ABSPATH' ) || exit;

/**
 * The clock of one request.
 */
final class Meter {

	/**
	 * Who takes part.
	 *
	 * @var string
	 */
	private $arm;

	/**
	 * What is written down.
	 *
	 * @var array<string,mixed>
	 */
	private $seen = array(
		'callbacks_ns' => 0,
		'own_queries'  => 0,
		'loading_ns'   => 0,
	);

	/**
	 * When a stretch of the plugin's loading began, and what its callbacks had cost until then: they count by themselves.
	 *
	 * @var int[]
	 */
	private $since = array( 0, 0 );

	/**
	 * Processor time of this PHP process when the request began, in microseconds.
	 *
	 * @var int
	 */
	private $cpu_before;

	/**
	 * Begin with the request.
	 */
	public function __construct() {
		$this->cpu_before = self::cpu();
		$this->arm = trim( (string) @file_get_contents( self::folder() . '/arm' ) ); // phpcs:ignore
		add_filter( 'option_active_plugins', array( $this, 'choose_plugins' ) );
		add_filter( 'woocommerce_load_webhooks_limit', array( $this, 'limit_webhooks' ) );
		add_filter( 'http_allowed_safe_ports', array( $this, 'allow_ports' ) );
		add_action( 'plugin_loaded', array( $this, 'watch_loading' ), PHP_INT_MAX );
		add_action( 'tillbridge_request_cost', array( $this, 'take_cost' ), 10, 2 );
		add_action( 'shutdown', array( $this, 'wait_for_the_end' ), PHP_INT_MAX );
	}

	/**
	 * The plugins of this arm; Tillbridge right after WooCommerce, so that the loading of it alone can be timed.
	 *
	 * @param mixed $plugins The active ones.
	 * @return mixed
	 */
	public function choose_plugins( $plugins ) {
		$ours   = array( 'tillbridge/tillbridge.php' );
		$others = array_values( array_diff( (array) $plugins, $ours ) );
		$takes  = ! in_array( $this->arm, array( 'bare', 'webhooks' ), true ) && in_array( $ours[0], (array) $plugins, true );
		return $takes ? array_merge( $others, $ours ) : $others;
	}

	/**
	 * No webhooks in the arms without them: this is WooCommerce's own switch.
	 *
	 * @param mixed $limit How many are loaded at most.
	 * @return mixed
	 */
	public function limit_webhooks( $limit ) {
		return in_array( $this->arm, array( 'bare', 'tillbridge' ), true ) ? 0 : $limit;
	}

	/**
	 * WooCommerce delivers webhooks to ports 80, 443 and 8080 only; ours listens on any of this machine's.
	 *
	 * @param int[] $ports Those.
	 * @return int[]
	 */
	public function allow_ports( $ports ) {
		return array_merge( $ports, array_map( 'intval', (array) @file( self::folder() . '/ports' ) ) ); // phpcs:ignore
	}

	/**
	 * Time the plugin's file, its start, and what it does for a REST request: brackets around its own callbacks.
	 *
	 * @param string $plugin A plugin that was just loaded.
	 */
	public function watch_loading( $plugin ): void {
		if ( 'woocommerce.php' === basename( $plugin ) ) {
			add_action( 'plugins_loaded', array( $this, 'before_start' ) );
			$this->open();
		} elseif ( 'tillbridge.php' === basename( $plugin ) ) {
			$this->close();
			add_action( 'plugins_loaded', array( $this, 'after_start' ) );
		}
	}

	/**
	 * The plugin is about to start.
	 */
	public function before_start(): void {
		add_action( 'rest_api_init', array( $this, 'open' ) );
		$this->open();
	}

	/**
	 * The plugin has started. In an arm without it nothing lies between the brackets, and nothing is closed.
	 */
	public function after_start(): void {
		$this->close();
		add_action( 'rest_api_init', array( $this, 'close' ) );
	}

	/**
	 * A stretch begins.
	 */
	public function open(): void {
		$this->since = array( hrtime( true ), self::callbacks() );
	}

	/**
	 * A stretch ends.
	 */
	public function close(): void {
		$this->seen['loading_ns'] += hrtime( true ) - $this->since[0] - ( self::callbacks() - $this->since[1] );
	}

	/**
	 * What the plugin says of itself: now the customer could go.
	 *
	 * @param int $nanoseconds Time in its callbacks.
	 * @param int $queries     Queries made by them.
	 */
	public function take_cost( $nanoseconds, $queries ): void {
		$this->seen['callbacks_ns'] = $nanoseconds;
		$this->seen['own_queries']  = $queries;
		$this->customer_can_go();
	}

	/**
	 * WordPress has ended. The plugin's own end comes between the two functions that are registered here.
	 */
	public function wait_for_the_end(): void {
		register_shutdown_function(
			function (): void {
				$this->customer_can_go();
				register_shutdown_function( array( $this, 'write' ) );
			}
		);
	}

	/**
	 * Everything is over: let the customer go in every arm before a file is written.
	 */
	public function write(): void {
		global $wpdb;
		if ( function_exists( 'fastcgi_finish_request' ) ) {
			fastcgi_finish_request();
		}
		$line = $this->seen + array(
			'arm'         => $this->arm,
			'method'      => $_SERVER['REQUEST_METHOD'] ?? '', // phpcs:ignore
			'path'        => (string) strtok( $_SERVER['REQUEST_URI'] ?? '', '?' ), // phpcs:ignore
			'all_ms'      => self::milliseconds(),
			'all_queries' => $wpdb->num_queries,
			'peak_bytes'  => memory_get_peak_usage(),
		);
		file_put_contents( self::folder() . '/requests.jsonl', wp_json_encode( $line ) . "\n", FILE_APPEND | LOCK_EX ); // phpcs:ignore
	}

	/**
	 * How long the request has run when the customer can have the answer; the last that says so is right.
	 */
	private function customer_can_go(): void {
		global $wpdb;
		$this->seen['customer_ms']      = self::milliseconds();
		$this->seen['customer_queries'] = $wpdb->num_queries;
		$this->seen['customer_cpu_ms']  = ( self::cpu() - $this->cpu_before ) / 1000;
	}

	/**
	 * Since the request began.
	 */
	private static function milliseconds(): float {
		return ( microtime( true ) - $_SERVER['REQUEST_TIME_FLOAT'] ) * 1000; // phpcs:ignore
	}

	/**
	 * Processor time that this process has used, in microseconds.
	 */
	private static function cpu(): int {
		$used = getrusage();
		return ( $used['ru_utime.tv_sec'] + $used['ru_stime.tv_sec'] ) * 1000000 + $used['ru_utime.tv_usec'] + $used['ru_stime.tv_usec'];
	}

	/**
	 * What the plugin's callbacks have cost so far.
	 */
	private static function callbacks(): int {
		return class_exists( '\\Tillbridge\\Guard', false ) ? \Tillbridge\Guard::$nanoseconds : 0;
	}

	/**
	 * Where the benches and we meet.
	 */
	private static function folder(): string {
		return dirname( ABSPATH ) . '/web';
	}
}

if ( 'cli' !== PHP_SAPI ) {
	new Meter();
}
