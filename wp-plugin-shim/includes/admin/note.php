<?php
/**
 * What became of the button that was just pressed, from the request that did it to the page that shows it.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

/**
 * One note for one person, shown once. Nothing of it travels in the address, so nobody can put words on our page.
 */
final class Note {

	private const KEPT_SECONDS = 120;

	/**
	 * Which button it was: one of ADMIN_ACTIONS.
	 *
	 * @var string
	 */
	public $action;

	/**
	 * Why it did not work; "" where it did.
	 *
	 * @var string
	 */
	public $complaint;

	/**
	 * What kind of trouble that is: the code of the error, "" where it worked.
	 *
	 * @var string
	 */
	public $code;

	/**
	 * What was found: `changed`, or `hops`.
	 *
	 * @var array<string,mixed>
	 */
	public $found;

	/**
	 * A note.
	 *
	 * @param string              $action Which button.
	 * @param \WP_Error|null      $error  Why it did not work.
	 * @param array<string,mixed> $found  What was found.
	 */
	private function __construct( string $action, ?\WP_Error $error, array $found ) {
		$this->action    = $action;
		$this->complaint = null === $error ? '' : $error->get_error_message();
		$this->code      = null === $error ? '' : (string) $error->get_error_code();
		$this->found     = $found;
	}

	/**
	 * Leave a note for the person who is logged in.
	 *
	 * @param string                        $action Which button.
	 * @param array<string,mixed>|\WP_Error $result What came of it.
	 */
	public static function leave( string $action, $result ): void {
		$note = is_wp_error( $result ) ? new self( $action, $result, array() ) : new self( $action, null, $result );
		set_transient( self::name(), get_object_vars( $note ), self::KEPT_SECONDS );
	}

	/**
	 * The note that was left for this person, which is gone then.
	 */
	public static function take(): ?self {
		$kept = get_transient( self::name() );
		if ( ! is_array( $kept ) || ! array_key_exists( $kept['action'] ?? '', ADMIN_ACTIONS ) ) {
			return null;
		}
		delete_transient( self::name() );
		$error = '' === text_in( $kept, 'code' ) ? null : new \WP_Error( $kept['code'], text_in( $kept, 'complaint' ) );
		return new self( $kept['action'], $error, is_array( $kept['found'] ?? null ) ? $kept['found'] : array() );
	}

	/**
	 * Whether it worked.
	 */
	public function is_well(): bool {
		return '' === $this->code;
	}

	/**
	 * The links from shop to till that were tested one by one, empty where they were not.
	 *
	 * @return array<int,array<string,mixed>>
	 */
	public function hops(): array {
		return records_in( $this->found, 'hops' );
	}

	/**
	 * Whether none of them has a problem, or could not be tried.
	 */
	public function all_hops_work(): bool {
		$others = static function ( array $hop ): bool {
			return 'well' !== text_in( $hop, 'state' );
		};
		return array() === array_filter( $this->hops(), $others );
	}

	/**
	 * Where it lies meanwhile.
	 */
	private static function name(): string {
		return 'tillbridge_note_' . get_current_user_id();
	}
}
