<?php
/**
 * What `wp help tillbridge` says before it lists the commands.
 *
 * @package Tillbridge
 */

namespace Tillbridge\Cli;

defined( 'ABSPATH' ) || exit;

/**
 * Keeps this shop and the till in step, through the Tillbridge daemon on the same server.
 *
 * ## EXIT STATUS
 *
 *     0  well
 *     1  found something that needs you; also what WP-CLI itself refuses, such as an option that does not exist
 *     2  wrong use or settings
 *     3  cannot reach the daemon
 *     4  refused
 *
 * ## EXAMPLES
 *
 *     # Pair this shop with the daemon that printed the code.
 *     $ wp tillbridge connect 7F3KQ-9QMD2-R5T0V-XW2HC-4NB8Z@127.0.0.1:8642
 *
 *     # Are shop and till in step?
 *     $ wp tillbridge status
 *
 *     # What is wrong, and how is it mended?
 *     $ wp tillbridge doctor
 *
 *     # Where does this number come from?
 *     $ wp tillbridge why CUP-BLUE
 */
final class Tillbridge_Command extends \WP_CLI\Dispatcher\CommandNamespace {
}
