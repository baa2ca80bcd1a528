<?php
/**
 * A count of the whole shop, page by page: what each product and variation shows, and who holds its stock.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

// phpcs:disable WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL

/**
 * Reads levels where WooCommerce keeps them, in postmeta. (Not in its lookup table: direct writes never reach that, and
 * it cuts SKUs. A level that differs there is told beside the true one.)
 */
final class Levels {

	/**
	 * The most rows of one page: 1.5 MB on the way, some 30 MB in PHP.
	 */
	public const LARGEST_PAGE = 10000;

	private const TYPES    = "p.post_type IN ('product', 'product_variation')";
	private const STATUSES = "p.post_status IN ('publish', 'private', 'draft')";
	private const KEYS     = "m.meta_key IN ('_stock', '_manage_stock', '_backorders', '_sku', '_stock_status')";

	/**
	 * A page in the order of the ids.
	 *
	 * @param int $after Products above this id.
	 * @param int $limit At most so many.
	 * @return array<int,array<string,mixed>>
	 */
	public static function page( int $after, int $limit ): array {
		global $wpdb;
		$sql   = "SELECT p.ID, p.post_parent, p.post_title FROM {$wpdb->posts} p
			WHERE p.ID > %d AND " . self::TYPES . ' AND ' . self::STATUSES . ' ORDER BY p.ID LIMIT %d';
		$posts = read_rows( $wpdb->prepare( $sql, $after, $limit ) );
		if ( array() === $posts ) {
			return array();
		}
		$last  = (int) end( $posts )[0];
		$meta  = self::by_post( 0 === $after && count( $posts ) < $limit ? self::meta_of_all() : self::meta_between( $after, $last ) );
		$shown = self::lookups( $after, $last );
		// Only now the flags: a change that begins after the levels were read may be flagged in vain, but none can be missed.
		$moving = Outbox::moving( $after, $last );
		$page   = self::rows( $posts, $meta );
		foreach ( $page as $at => $row ) {
			$page[ $at ]['moving'] = isset( $moving[ $row['product_id'] ] );
			$lookup                = null === $shown ? $row['level'] : $shown[ $row['product_id'] ] ?? null;
			if ( null !== $row['level'] && $lookup !== $row['level'] && ! $page[ $at ]['moving'] ) {
				$page[ $at ]['lookup'] = $lookup;
			}
		}
		return $page;
	}

	/**
	 * What WooCommerce's lookup table shows for these products, by id; null where nobody can read it, which keeps no level
	 * from being told.
	 *
	 * @param int $after Products above this id.
	 * @param int $last  Products up to this one.
	 * @return array<int,?string>|null
	 */
	private static function lookups( int $after, int $last ): ?array {
		global $wpdb;
		$sql    = "SELECT product_id, stock_quantity FROM {$wpdb->prefix}wc_product_meta_lookup WHERE product_id > %d AND product_id <= %d";
		$silent = $wpdb->suppress_errors( true );
		try {
			$found = read_rows( $wpdb->prepare( $sql, $after, $last ) );
		} catch ( \RuntimeException $trouble ) {
			return null;
		} finally {
			$wpdb->suppress_errors( $silent );
		}
		$shown = array();
		foreach ( $found as $row ) {
			$shown[ (int) $row[0] ] = spell_quantity( $row[1] );
		}
		return $shown;
	}

	/**
	 * The meta of a whole shop that fits into one page: found by its keys, a fifth of the rows that the database would look
	 * through product by product.
	 *
	 * @return array<int,array<int,mixed>>
	 */
	private static function meta_of_all(): array {
		global $wpdb;
		$of_all = "SELECT m.post_id, m.meta_key, m.meta_value FROM {$wpdb->postmeta} m WHERE " . self::KEYS . ' ORDER BY m.meta_id';
		return read_rows( $of_all );
	}

	/**
	 * The meta of the products of one page.
	 *
	 * @param int $after Products above this id.
	 * @param int $last  Products up to this one.
	 * @return array<int,array<int,mixed>>
	 */
	private static function meta_between( int $after, int $last ): array {
		global $wpdb;
		$sql = "SELECT m.post_id, m.meta_key, m.meta_value FROM {$wpdb->postmeta} m INNER JOIN {$wpdb->posts} p ON p.ID = m.post_id
			WHERE p.ID > %d AND p.ID <= %d AND " . self::TYPES . ' AND ' . self::STATUSES . ' AND ' . self::KEYS . ' ORDER BY m.meta_id';
		return read_rows( $wpdb->prepare( $sql, $after, $last ) );
	}

	/**
	 * Certain products, without the flag; those that do not exist (or lie in the trash) are missing.
	 *
	 * @param int[] $ids Products and variations.
	 * @return array<int,array<string,mixed>> By id.
	 */
	public static function of( array $ids ): array {
		global $wpdb;
		$found = array();
		foreach ( array_chunk( array_unique( $ids ), 500 ) as $chunk ) {
			$places = implode( ', ', array_fill( 0, count( $chunk ), '%d' ) );
			$sql    = "SELECT p.ID, p.post_parent, p.post_title FROM {$wpdb->posts} p
				WHERE p.ID IN ({$places}) AND " . self::TYPES . " AND p.post_status NOT IN ('trash', 'auto-draft')";
			$posts  = read_rows( $wpdb->prepare( $sql, ...$chunk ) );
			$sql    = "SELECT m.post_id, m.meta_key, m.meta_value FROM {$wpdb->postmeta} m
				WHERE m.post_id IN ({$places}) AND " . self::KEYS . ' ORDER BY m.meta_id';
			$meta   = self::by_post( read_rows( $wpdb->prepare( $sql, ...$chunk ) ) );
			foreach ( self::rows( $posts, $meta ) as $row ) {
				$found[ $row['product_id'] ] = $row;
			}
		}
		return $found;
	}

	/**
	 * Posts and their meta as rows.
	 *
	 * @param array<int,array<int,mixed>>     $posts ID, parent, title.
	 * @param array<int,array<string,string>> $meta  By post and key.
	 * @return array<int,array<string,mixed>>
	 */
	private static function rows( array $posts, array $meta ): array {
		$is_managing = 'yes' === get_option( 'woocommerce_manage_stock' );
		$holders     = $is_managing ? self::holding_parents( $posts, $meta ) : array();
		$rows        = array();
		foreach ( $posts as $post ) {
			$id      = (int) $post[0];
			$own     = $meta[ $id ] ?? array();
			$managed = $is_managing && 'yes' === ( $own['_manage_stock'] ?? '' );
			if ( ! $managed && isset( $holders[ (int) $post[1] ] ) ) {
				$managed = 'parent';
			}
			$rows[] = array(
				'product_id' => $id,
				'parent_id'  => (int) $post[1],
				'sku'        => $own['_sku'] ?? '',
				'name'       => html_entity_decode( (string) $post[2], ENT_QUOTES | ENT_HTML5, 'UTF-8' ),
				'level'      => true === $managed ? spell_quantity( $own['_stock'] ?? null ) : null,
				'managed'    => $managed,
				'backorders' => self::backorders( $own['_backorders'] ?? '' ),
				'status'     => $own['_stock_status'] ?? '',
			);
		}
		return $rows;
	}

	/**
	 * Whether it may be sold below zero, in WooCommerce's words: it takes whatever is neither of the two for "no".
	 *
	 * @param string $stored The meta, "" where there is none.
	 */
	private static function backorders( string $stored ): string {
		return 'yes' === $stored || 'notify' === $stored ? $stored : 'no';
	}

	/**
	 * Parents that hold the stock of variations which have none of their own.
	 *
	 * @param array<int,array<int,mixed>>     $posts ID, parent, title.
	 * @param array<int,array<string,string>> $meta  By post and key, as far as read.
	 * @return array<int,true>
	 */
	private static function holding_parents( array $posts, array $meta ): array {
		global $wpdb;
		$parents = array();
		foreach ( $posts as $post ) {
			if ( (int) $post[1] > 0 && 'yes' !== ( $meta[ (int) $post[0] ]['_manage_stock'] ?? '' ) ) {
				$parents[ (int) $post[1] ] = true;
			}
		}
		$holders = array();
		foreach ( array_chunk( array_keys( $parents ), 500 ) as $chunk ) {
			$places = implode( ', ', array_fill( 0, count( $chunk ), '%d' ) );
			$sql    = "SELECT post_id FROM {$wpdb->postmeta} WHERE meta_key = '_manage_stock' AND meta_value = 'yes' AND post_id IN ({$places})";
			foreach ( read_column( $wpdb->prepare( $sql, ...$chunk ) ) as $id ) {
				$holders[ (int) $id ] = true;
			}
		}
		return $holders;
	}

	/**
	 * Meta rows by post and key; of several rows of one key the first counts, as it does in WooCommerce.
	 *
	 * @param array<int,array<int,mixed>> $rows post_id, meta_key, meta_value; ordered by meta_id.
	 * @return array<int,array<string,string>>
	 */
	private static function by_post( array $rows ): array {
		$meta = array();
		foreach ( $rows as $row ) {
			if ( ! isset( $meta[ (int) $row[0] ][ $row[1] ] ) ) {
				$meta[ (int) $row[0] ][ (string) $row[1] ] = (string) $row[2];
			}
		}
		return $meta;
	}
}
