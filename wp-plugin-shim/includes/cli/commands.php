<?php
/**
 * The commands of `wp tillbridge`: the same vocabulary as `tillbridge` on the server. Read only where WP-CLI runs.
 *
 * @package Tillbridge
 */

namespace Tillbridge\Cli;

defined( 'ABSPATH' ) || exit;

require_once __DIR__ . '/words.php';
require_once __DIR__ . '/answer.php';
require_once __DIR__ . '/output.php';
require_once __DIR__ . '/ending.php';
require_once __DIR__ . '/call.php';
require_once __DIR__ . '/typed.php';
require_once __DIR__ . '/hop.php';
require_once __DIR__ . '/shop-hops.php';
require_once __DIR__ . '/web-hops.php';
require_once __DIR__ . '/daemon-hops.php';
require_once __DIR__ . '/standing.php';
require_once __DIR__ . '/unsent.php';
require_once __DIR__ . '/waiting-bar.php';
require_once __DIR__ . '/tillbridge-command.php';
require_once __DIR__ . '/pairing-command.php';
require_once __DIR__ . '/site-command.php';
require_once __DIR__ . '/status-command.php';
require_once __DIR__ . '/doctor-command.php';
require_once __DIR__ . '/check-command.php';
require_once __DIR__ . '/flow-command.php';
require_once __DIR__ . '/resync-command.php';
require_once __DIR__ . '/queue-command.php';
require_once __DIR__ . '/outbox-command.php';
require_once __DIR__ . '/webhook-command.php';
require_once __DIR__ . '/run-report.php';
require_once __DIR__ . '/reconcile-command.php';
require_once __DIR__ . '/runs-command.php';
require_once __DIR__ . '/undo-command.php';
require_once __DIR__ . '/why-command.php';
require_once __DIR__ . '/decide-command.php';
require_once __DIR__ . '/audit-command.php';

/**
 * Tell WP-CLI about them.
 */
function add_commands(): void {
	foreach ( array( '', ' site', ' queue', ' outbox', ' webhook' ) as $group ) {
		\WP_CLI::add_hook( 'before_invoke:tillbridge' . $group, array( Ending::class, 'explain_all' ) );
	}
	\WP_CLI::add_command( 'tillbridge', Tillbridge_Command::class );
	\WP_CLI::add_command( 'tillbridge connect', array( new Pairing_Command(), 'connect' ) );
	\WP_CLI::add_command( 'tillbridge disconnect', array( new Pairing_Command(), 'disconnect' ) );
	\WP_CLI::add_command( 'tillbridge site', Site_Command::class );
	\WP_CLI::add_command( 'tillbridge status', Status_Command::class );
	\WP_CLI::add_command( 'tillbridge doctor', Doctor_Command::class );
	\WP_CLI::add_command( 'tillbridge check', Check_Command::class );
	foreach ( array( 'sync', 'pause', 'resume' ) as $verb ) {
		\WP_CLI::add_command( 'tillbridge ' . $verb, array( new Flow_Command(), $verb ) );
	}
	\WP_CLI::add_command( 'tillbridge resync', Resync_Command::class );
	\WP_CLI::add_command( 'tillbridge queue', Queue_Command::class );
	\WP_CLI::add_command( 'tillbridge outbox', Outbox_Command::class );
	\WP_CLI::add_command( 'tillbridge webhook', Webhook_Command::class );
	\WP_CLI::add_command( 'tillbridge reconcile', Reconcile_Command::class );
	\WP_CLI::add_command( 'tillbridge runs', Runs_Command::class );
	\WP_CLI::add_command( 'tillbridge undo', Undo_Command::class );
	\WP_CLI::add_command( 'tillbridge why', Why_Command::class );
	\WP_CLI::add_command( 'tillbridge decide', Decide_Command::class );
	\WP_CLI::add_command( 'tillbridge audit', Audit_Command::class );
}
