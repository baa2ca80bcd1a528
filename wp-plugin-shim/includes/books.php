<?php
/**
 * Remembers how far the daemon's own books have come, so that books restored from a backup can be told from those of
 * before.
 *
 * @package Tillbridge
 */

namespace Tillbridge;

defined( 'ABSPATH' ) || exit;

/**
 * What the daemon says of its books with a call: their random name, and a counter that only rises while they live on.
 *
 * Only kept and told: whether they went back is the daemon's to say. The option holds the highest counter by name, the
 * name heard last at the end; it is not autoloaded, since only the daemon's calls read it.
 */
final class Books {

	/**
	 * So many names are remembered: where books were begun anew, those of before may still come back from a backup.
	 */
	private const KEPT = 5;

	/**
	 * Their name, "" where the call says nothing of them.
	 *
	 * @var string
	 */
	private $name = '';

	/**
	 * How far they have come.
	 *
	 * @var int
	 */
	private $counter = 0;

	/**
	 * What a call says.
	 *
	 * @param array<int|string,mixed> $given Its query or body: `books` and `books_counter`, both or none.
	 * @return self|null Null where that cannot be read.
	 */
	public static function told( array $given ): ?self {
		$told    = new self();
		$name    = $given['books'] ?? null;
		$counter = $given['books_counter'] ?? null;
		if ( null === $name && null === $counter ) {
			return $told;
		}
		$counter = is_int( $counter ) ? (string) $counter : $counter;
		if ( ! is_string( $name ) || ! is_string( $counter ) || 1 !== preg_match( '/^[!-~]{1,64}\z/', $name ) || 1 !== preg_match( '/^[0-9]{1,18}\z/', $counter ) ) {
			return null;
		}
		$told->name    = $name;
		$told->counter = (int) $counter;
		return $told;
	}

	/**
	 * How far these books are known to have come; where the call does not name any, those that were heard of last.
	 *
	 * @return array{books:string|null,books_counter:int|null} The counter is null where nobody ever told it.
	 */
	public function known(): array {
		$kept = self::kept();
		$name = '' === $this->name ? (string) array_key_last( $kept ) : $this->name;
		return array(
			'books'         => '' === $name ? null : $name,
			'books_counter' => $kept[ $name ] ?? null,
		);
	}

	/**
	 * Keep what this call says, where the books have come further. (Of two calls at once the lower number may remain; the
	 * next call mends that.)
	 */
	public function keep(): void {
		$kept = self::kept();
		if ( '' === $this->name || ( $kept[ $this->name ] ?? -1 ) >= $this->counter ) {
			return;
		}
		unset( $kept[ $this->name ] );
		$kept[ $this->name ] = $this->counter;
		update_option( Schema::BOOKS, array_slice( $kept, -self::KEPT, null, true ), false );
	}

	/**
	 * Counters by name.
	 *
	 * @return array<int|string,int>
	 */
	private static function kept(): array {
		$kept = get_option( Schema::BOOKS );
		return is_array( $kept ) ? array_filter( $kept, 'is_int' ) : array();
	}

	/**
	 * What is answered to a call that says something of the books which cannot be read.
	 */
	public static function refusal(): \WP_Error {
		return refusal( 'invalid_books', __( 'books is a text of 1 to 64 signs without spaces, and books_counter a whole number from 0; both, or none.', 'tillbridge' ), 400 );
	}
}
