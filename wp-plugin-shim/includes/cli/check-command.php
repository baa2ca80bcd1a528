<?php
/**
 * The command `wp tillbridge check`.
 *
 * @package Tillbridge
 */

namespace Tillbridge\Cli;

defined( 'ABSPATH' ) || exit;

/**
 * Whether the data of both sides fit together.
 */
final class Check_Command {

	private const FIELDS = array( 'kind', 'about', 'what', 'detail' );

	/**
	 * Where names stand for values.
	 */
	private const MAPS = array( array( 'sides', 'store', 'facts' ), array( 'sides', 'pos', 'facts' ) );

	/**
	 * Looks at the data of both sides before anything moves: what does not fit, what is held out, which rules apply.
	 *
	 * ## OPTIONS
	 *
	 * [--format=<format>]
	 * : How to print it. With json, the daemon's whole answer.
	 * ---
	 * default: table
	 * options:
	 *   - table
	 *   - json
	 *   - csv
	 *   - yaml
	 *   - count
	 * ---
	 *
	 * ## EXAMPLES
	 *
	 *     $ wp tillbridge check
	 *
	 * @param string[]            $words   Not used.
	 * @param array<string,mixed> $options The options.
	 */
	public function __invoke( array $words, array $options ): void {
		$answer = Call::get_slowly( '/v1/control/check' );
		$rows   = self::rows( $answer );
		if ( 'json' === ( $options['format'] ?? '' ) ) {
			Output::record( $options, array(), $answer->all( self::MAPS ) );
		} else {
			Output::rows( $options, $rows, self::FIELDS );
		}
		$is_well = $answer->flag( 'well' );
		if ( null === $is_well ) {
			Output::say( $options, 'The daemon does not say whether all is well.' );
		} else {
			Output::say( $options, $is_well ? 'Both sides fit together.' : 'Something needs you: see the rows of kind "problem" and "held out".' );
		}
		Ending::with( true === $is_well ? Ending::WELL : Ending::FOUND );
	}

	/**
	 * Everything that was found, as one list.
	 *
	 * @param Answer $answer What the daemon says.
	 * @return array<int,array<string,mixed>>
	 */
	private static function rows( Answer $answer ): array {
		$rows = array();
		foreach ( array( 'store', 'pos' ) as $side ) {
			$problems = $answer->texts( 'sides', $side, 'problems' );
			foreach ( $problems ?? array( 'the daemon does not say whether this side has any' ) as $problem ) {
				$rows[] = self::row( null === $problems ? UNKNOWN : 'problem', $side, '', $problem );
			}
			foreach ( $answer->named( 'sides', $side, 'facts' ) ?? array() as $name => $value ) {
				$rows[] = self::row( 'fact', $side, (string) $name, $value );
			}
		}
		foreach ( $answer->texts( 'problems' ) ?? array() as $problem ) {
			$rows[] = self::row( 'problem', 'settings', '', $problem );
		}
		$held_out = $answer->records( 'held_out' );
		foreach ( $held_out ?? array() as $one ) {
			$rows[] = self::row( 'held out', $one->text( 'side' ), self::name_of( $one ), $one->text( 'sentence' ) ?? $one->text( 'reason' ) );
		}
		if ( null === $held_out ) {
			$rows[] = self::row( UNKNOWN, 'products', '', 'the daemon does not say which are held out' );
		}
		foreach ( $answer->records( 'policy' ) ?? array() as $rule ) {
			$source = $rule->text( 'source' );
			$rows[] = self::row( 'policy', $source, $rule->text( 'name' ), $rule->text( 'value' ) ?? ( null === $rule->flag( 'value' ) ? null : word( $rule->flag( 'value' ) ) ) );
		}
		return $rows;
	}

	/**
	 * By which name a person knows a product.
	 *
	 * @param Answer $product What the daemon says of it.
	 */
	private static function name_of( Answer $product ): string {
		$sku = $product->text( 'sku' );
		return trim( ( null === $sku || '' === $sku ? 'without SKU' : $sku ) . ' ' . $product->text( 'name' ) . ' (' . ( $product->text( 'ref' ) ?? UNKNOWN ) . ')' );
	}

	/**
	 * One row.
	 *
	 * @param string      $kind   problem, fact, held out, policy or unknown.
	 * @param string|null $about  A side, or where a policy's value comes from.
	 * @param string|null $what   Its name.
	 * @param mixed       $detail What is said of it.
	 * @return array<string,mixed>
	 */
	private static function row( string $kind, ?string $about, ?string $what, $detail ): array {
		return array_combine( self::FIELDS, array( $kind, $about, $what, $detail ) );
	}
}
