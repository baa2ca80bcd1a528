<?php
/**
 * Our three tables: what happened (outbox), what we were asked to do (keys), and which requests were seen (nonces).
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

/**
 * Creates and upgrades the tables. Each version is a step; the option says which one this shop has reached.
 */
final class Schema {

	/**
	 * Our tables.
	 */
	public const TABLES = array( 'outbox', 'keys', 'nonces' );

	/**
	 * 1: the tables. 2: bodies of webhooks, which are longer than a TEXT; the connection's option always there.
	 */
	private const VERSION = 2;
	private const OPTION  = 'tillbridge_schema';

	/**
	 * The option with this database's random name: another one means that somebody made the tables anew.
	 */
	public const INCARNATION = 'tillbridge_incarnation';

	/**
	 * The option with how far the daemon's own books had come when it last said so; see Books.
	 */
	public const BOOKS = 'tillbridge_books';

	/**
	 * A table's full name.
	 *
	 * @param string $table outbox, keys or nonces.
	 */
	public static function table( string $table ): string {
		global $wpdb;
		return $wpdb->prefix . 'tillbridge_' . $table;
	}

	/**
	 * Whether the tables are those of this version.
	 */
	public static function is_current(): bool {
		return self::VERSION === (int) get_option( self::OPTION, 0 );
	}

	/**
	 * Make sure that the tables are those of this version; costs nothing where they are (the option is autoloaded).
	 */
	public static function upgrade(): void {
		if ( ! self::is_current() ) {
			self::install();
		}
	}

	/**
	 * Create what is missing. Safe to run twice, and at once.
	 *
	 * InnoDB is asked for by name, because "exactly once" is a promise of its transactions. DATETIME(6): the database's
	 * own clock, in UTC, orders what happened on several web servers.
	 */
	public static function install(): void {
		global $wpdb;
		// Constant definitions: only the table prefix, which WordPress itself vouches for, and the charset clause are inserted.
		// phpcs:disable WordPress.DB
		foreach ( self::definitions( $wpdb->get_charset_collate() ) as $definition ) {
			if ( false === $wpdb->query( $definition ) ) {
				return;
			}
		}
		$outbox = self::table( 'outbox' );
		if ( 1 === (int) get_option( self::OPTION, 0 ) && false === $wpdb->query( "ALTER TABLE {$outbox} MODIFY data mediumtext NULL" ) ) {
			return;
		}
		// phpcs:enable
		add_option( Connection::OPTION, '', '', true );
		add_option( self::INCARNATION, bin2hex( random_bytes( 16 ) ), '', false );
		update_option( self::OPTION, self::VERSION, true );
	}

	/**
	 * Empty the tables and take a new name: this is another shop now.
	 */
	public static function begin_anew(): void {
		global $wpdb;
		foreach ( self::TABLES as $table ) {
			$table = self::table( $table );
			$wpdb->query( "DELETE FROM {$table}" ); // phpcs:ignore WordPress.DB -- a table of our own.
		}
		delete_option( self::BOOKS );
		self::take_another_name();
	}

	/**
	 * Take a new name: for some time nobody wrote down what moved, so the daemon must not go on where it stopped as if
	 * nothing had happened. It notices by this.
	 */
	public static function take_another_name(): void {
		update_option( self::INCARNATION, bin2hex( random_bytes( 16 ) ), false );
	}

	/**
	 * Remove the tables, and what is known of them.
	 */
	public static function remove(): void {
		global $wpdb;
		foreach ( self::TABLES as $table ) {
			$table = self::table( $table );
			$wpdb->query( "DROP TABLE IF EXISTS {$table}" ); // phpcs:ignore WordPress.DB -- a table of our own.
		}
		delete_option( self::OPTION );
		delete_option( self::INCARNATION );
		delete_option( self::BOOKS );
	}

	/**
	 * This database's random name.
	 */
	public static function incarnation(): string {
		return (string) get_option( self::INCARNATION, '' );
	}

	/**
	 * Version 1.
	 *
	 * @param string $charset The shop's charset clause.
	 * @return string[]
	 */
	private static function definitions( string $charset ): array {
		$outbox = self::table( 'outbox' );
		$keys   = self::table( 'keys' );
		$nonces = self::table( 'nonces' );
		return array(
			"CREATE TABLE IF NOT EXISTS {$outbox} (
				id bigint(20) unsigned NOT NULL AUTO_INCREMENT,
				uid char(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
				topic varchar(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
				object_id bigint(20) unsigned NOT NULL,
				state tinyint(3) unsigned NOT NULL,
				before_level varchar(40) NULL,
				delta varchar(40) NULL,
				path varchar(10) NULL,
				cause varchar(20) NULL,
				order_id bigint(20) unsigned NULL,
				line_id bigint(20) unsigned NULL,
				data mediumtext NULL,
				happened_at datetime(6) NOT NULL,
				acked_at datetime(6) NULL,
				PRIMARY KEY  (id),
				UNIQUE KEY uid (uid),
				KEY state (state,id),
				KEY object (object_id,state,happened_at),
				KEY acked (acked_at)
			) ENGINE=InnoDB {$charset}",
			"CREATE TABLE IF NOT EXISTS {$keys} (
				id char(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
				state tinyint(3) unsigned NOT NULL,
				product_id bigint(20) unsigned NOT NULL,
				delta decimal(24,6) NOT NULL,
				finished tinyint(3) unsigned NOT NULL,
				created_at datetime(6) NOT NULL,
				applied_at datetime(6) NULL,
				settled_at datetime(6) NULL,
				PRIMARY KEY  (id),
				KEY unfinished (state,finished,applied_at),
				KEY product (product_id,applied_at),
				KEY settled (settled_at)
			) ENGINE=InnoDB {$charset}",
			"CREATE TABLE IF NOT EXISTS {$nonces} (
				id char(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
				expires_at datetime NOT NULL,
				PRIMARY KEY  (id),
				KEY expires (expires_at)
			) ENGINE=InnoDB {$charset}",
		);
	}
}
