<?php
/**
 * As much of WP-CLI as the plugin's commands use, for its tests: `php wp.php --path=SITE tillbridge VERB …`.
 *
 * What it refuses it refuses like WP-CLI 2.12 does, in the same words and with the same exit status; `python -m
 * tests.e2e commands` runs the same commands in the real one.
 *
 * @package Tillbridge
 */

require_once __DIR__ . '/includes/class-wp-cli.php';
require_once __DIR__ . '/includes/command-namespace.php';
require_once __DIR__ . '/includes/command.php';
require_once __DIR__ . '/includes/synopsis.php';
require_once __DIR__ . '/includes/functions.php';
require_once __DIR__ . '/includes/bar.php';

define( 'WP_CLI', true );

$words   = array();
$options = array();
foreach ( array_slice( $argv, 1 ) as $argument ) {
	if ( preg_match( '/^--no-([^=]+)\z/', $argument, $found ) ) {
		$options[ $found[1] ] = false;
	} elseif ( preg_match( '/^--([^=]+)(?:=(.*))?\z/s', $argument, $found ) ) {
		$options[ $found[1] ] = $found[2] ?? true;
	} else {
		$words[] = $argument;
	}
}
$site = $options['path'] ?? '';
unset( $options['path'] );
if ( ! is_string( $site ) || ! is_file( $site . '/wp-load.php' ) ) {
	WP_CLI::error( 'This does not seem to be a WordPress installation.' );
}
$_SERVER['SERVER_PROTOCOL'] = 'HTTP/1.0';
$_SERVER['REQUEST_METHOD']  = 'GET';
$_SERVER['REQUEST_URI']     = '/';
$_SERVER['HTTP_HOST']       = '';
$_SERVER['HTTP_USER_AGENT'] = '';

// Debian's WordPress is older than its PHP, which says so of WordPress' own files. Of ours nothing is passed over.
set_error_handler(
	static function ( int $level, string $message, string $file ): bool {
		return false !== strpos( $file, '/wp-includes/' );
	},
	E_DEPRECATED
);
require_once $site . '/wp-load.php';
if ( array( 'cli', 'cmd-dump' ) === $words ) {
	WP_CLI::line( (string) json_encode( array_map( array( WP_CLI\Double\Command::class, 'described' ), array_values( WP_CLI::commands() ) ) ) );
	return;
}
WP_CLI::dispatch( $words, $options );
