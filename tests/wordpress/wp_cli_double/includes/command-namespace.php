<?php
/**
 * What a command is that only holds others.
 *
 * @package Tillbridge
 */

namespace WP_CLI\Dispatcher;

/**
 * It cannot be run.
 */
class CommandNamespace {
}
