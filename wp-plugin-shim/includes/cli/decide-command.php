<?php
/**
 * The command `wp tillbridge decide`.
 *
 * @package Tillbridge
 */

namespace Tillbridge\Cli;

defined( 'ABSPATH' ) || exit;

/**
 * What waits for a person's word.
 */
final class Decide_Command {

	private const FIELDS = array( 'id', 'choice', 'words' );

	/**
	 * Lists what waits for your word and the answers that are allowed, or gives your word.
	 *
	 * Exit status 1 where something waits.
	 *
	 * ## OPTIONS
	 *
	 * [<id>]
	 * : What it is about, as the list names it, such as held:CUP-BLUE.
	 *
	 * [<choice>]
	 * : One of the answers that are offered for it.
	 *
	 * [--words=<text>]
	 * : Why, for whoever asks later.
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
	 *     $ wp tillbridge decide
	 *
	 *     # Somebody sold the cups that are missing.
	 *     $ wp tillbridge decide held:CUP-BLUE sold --words="counted on Friday"
	 *
	 * @param string[]            $words   What it is about, and the answer.
	 * @param array<string,mixed> $options The options.
	 */
	public function __invoke( array $words, array $options ): void {
		if ( isset( $words[1] ) ) {
			self::give( $words[0], $words[1], $options );
			return;
		}
		$answer    = Call::get( '/v1/control/decisions' );
		$questions = array();
		foreach ( $answer->records( 'rows' ) ?? array() as $question ) {
			if ( ! isset( $words[0] ) || $question->text( 'id' ) === $words[0] ) {
				$questions[] = $question;
			}
		}
		if ( isset( $words[0] ) && array() === $questions ) {
			Ending::wrong_use( 'Nothing waits for your word under "' . $words[0] . '"; "wp tillbridge decide" lists what does.' );
		}
		$total = isset( $words[0] ) ? count( $questions ) : $answer->count( 'total' );
		if ( 'json' === ( $options['format'] ?? '' ) ) {
			Output::record( $options, array(), isset( $words[0] ) ? self::only( $questions, $answer ) : $answer->all() );
		} elseif ( 'count' === ( $options['format'] ?? '' ) ) {
			// Of each kind a thousand are listed, and all are counted.
			Output::rows( $options, array_fill( 0, $total ?? count( $questions ), array() ), array() );
		} else {
			Output::rows( $options, self::rows( $questions ), self::FIELDS );
		}
		Output::say( $options, null === $total ? 'The daemon does not say how much waits for your word.' : number_of( $total, 'question waits', 'questions wait' ) . ' for your word.' );
		Ending::with( 0 === $total && array() === $questions ? Ending::WELL : Ending::FOUND );
	}

	/**
	 * The daemon's answer with these questions only.
	 *
	 * @param Answer[] $questions What was asked for.
	 * @param Answer   $answer    What the daemon says.
	 * @return array<int|string,mixed>
	 */
	private static function only( array $questions, Answer $answer ): array {
		$rows = array();
		foreach ( $questions as $question ) {
			$rows[] = $question->all();
		}
		return array(
			'rows'  => $rows,
			'total' => count( $rows ),
		) + $answer->all();
	}

	/**
	 * Say what is to be done.
	 *
	 * @param string              $id      What it is about.
	 * @param string              $choice  The answer.
	 * @param array<string,mixed> $options The options.
	 */
	private static function give( string $id, string $choice, array $options ): void {
		$words  = (string) ( $options['words'] ?? '' );
		$answer = Call::post( '/v1/control/decide', compact( 'id', 'choice', 'words' ) );
		if ( 'json' === ( $options['format'] ?? '' ) ) {
			Output::record( $options, array(), $answer->all() );
			return;
		}
		$fields = array( 'sku', 'words' );
		Output::rows( $options, texts_of( $answer->records( 'rows' ), $fields ), $fields );
		Output::say( $options, 'Run ' . ( $answer->text( 'run' ) ?? UNKNOWN ) . '.' );
	}

	/**
	 * A row for each question, and below it one for each answer that is allowed.
	 *
	 * @param Answer[] $questions What the daemon says.
	 * @return array<int,array<string,mixed>>
	 */
	private static function rows( array $questions ): array {
		$rows = array();
		foreach ( $questions as $question ) {
			$id     = $question->text( 'id' );
			$rows[] = array(
				'id'     => $id,
				'choice' => '',
				'words'  => $question->text( 'words' ),
			);
			foreach ( $question->records( 'choices' ) ?? array() as $choice ) {
				$rows[] = array(
					'id'     => $id,
					'choice' => $choice->text( 'choice' ),
					'words'  => $choice->text( 'words' ),
				);
			}
		}
		return $rows;
	}
}
