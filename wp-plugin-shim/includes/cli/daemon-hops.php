<?php
/**
 * The way from this shop to its daemon, and what the daemon finds on its own ways.
 *
 * @package Tillbridge
 */

namespace Tillbridge\Cli;

use Tillbridge\Connection;
use Tillbridge\Daemon;
use Tillbridge\Exchange;

defined( 'ABSPATH' ) || exit;

/**
 * Looks, hop after hop, and goes no further than it comes.
 */
final class Daemon_Hops {

	private const GLANCE = 3.0;

	/**
	 * Seconds for the daemon to look at the shop, the till, its database and its disk.
	 */
	private const LOOK = 60.0;

	/**
	 * What was found.
	 *
	 * @var Hop[]
	 */
	public $hops = array();

	/**
	 * Whether the daemon calls all of its own hops well; what it could not look at is not.
	 *
	 * @var bool
	 */
	public $is_well_there = false;

	/**
	 * Why it went no further; null where it came to the end.
	 *
	 * @var \WP_Error|null
	 */
	public $obstacle = null;

	/**
	 * Look at all of them.
	 *
	 * @param Connection $connection The connection; a copy's is not used, since the daemon belongs to another shop.
	 */
	public static function look( Connection $connection ): self {
		$found = new self();
		if ( $connection->is_elsewhere() ) {
			$found->hops[] = Hop::unknown( 'listener', 'not tried: in safe mode this shop calls nobody', 'say first whether it has moved or is a copy' );
			return $found;
		}
		if ( $found->knock( $connection ) && $found->sign( $connection ) ) {
			$found->ask( $connection );
		}
		return $found;
	}

	/**
	 * Whether somebody listens there, and whether it is a Tillbridge daemon.
	 *
	 * @param Connection $connection The connection.
	 */
	private function knock( Connection $connection ): bool {
		try {
			$answer = ( new Exchange( $connection->listener ) )->request( 'GET', '/healthz', array(), '', self::GLANCE );
		} catch ( \UnexpectedValueException $error ) {
			return $this->stop( 'unreachable', 'no usable address of the daemon is known: ' . $error->getMessage(), 'connect this shop again' );
		}
		if ( null === $answer ) {
			return $this->stop( 'unreachable', 'nobody answers at ' . $connection->listener, 'start the daemon on the server ("tillbridge run"), and compare the address with [listener] listen in its settings' );
		}
		$said = json_decode( $answer[1], true );
		$said = new Answer( is_array( $said ) ? $said : array() );
		if ( null === $said->flag( 'healthy' ) ) {
			return $this->stop( 'stranger', 'what answers at ' . $connection->listener . ' is not a Tillbridge daemon (status ' . $answer[0] . ')', 'see which program has that port, and compare the address with [listener] listen in the daemon\'s settings' );
		}
		$this->hops[] = Hop::must( true === $said->flag( 'healthy' ), 'listener', 'a Tillbridge daemon answers at ' . $connection->listener . ( $said->flag( 'healthy' ) ? '' : ', and says that it is not healthy' ), 'see what it says below, and its log on the server' );
		return true;
	}

	/**
	 * Whether the daemon takes our signature, which it does only while the clocks are near each other.
	 *
	 * @param Connection $connection The connection.
	 */
	private function sign( Connection $connection ): bool {
		$began  = time();
		$status = ( new Daemon( $connection ) )->get( '/v1/control/status' );
		if ( is_wp_error( $status ) ) {
			$this->obstacle = $status;
			$fix            = 'stale' === Ending::code( $status ) ? 'set the clocks of this server and of the daemon (see timedatectl)' : 'pair again: tillbridge init on the server, then wp tillbridge connect CODE';
			$this->hops[]   = Hop::problem( 'signature', 'the daemon does not take our signature: ' . $status->get_error_message(), $fix );
			return false;
		}
		$time         = strtotime( (string) ( new Answer( $status ) )->text( 'time' ) );
		$this->hops[] = Hop::well( 'signature', 'the daemon takes our signature' );
		$this->hops[] = false === $time
			? Hop::well( 'clock', 'within ' . \Tillbridge\SIGNATURE_WINDOW . ' s of the daemon\'s, else it had refused the signature' )
			: Hop::must( abs( $time - $began ) <= MINUTE_IN_SECONDS, 'clock', abs( $time - $began ) . ' s from the daemon\'s', 'set the clocks of this server and of the daemon (see timedatectl)' );
		return true;
	}

	/**
	 * What the daemon finds: its ways to this shop, to WooCommerce, to the till, to its database and disk.
	 *
	 * @param Connection $connection The connection.
	 */
	private function ask( Connection $connection ): void {
		$said = ( new Daemon( $connection, self::LOOK ) )->get( '/v1/control/doctor' );
		if ( is_wp_error( $said ) ) {
			$this->obstacle = $said;
			$this->hops[]   = Hop::unknown( "the daemon's own hops", $said->get_error_message(), 'tillbridge check on the server looks at them too' );
			return;
		}
		$said = new Answer( $said );
		$hops = $said->records( 'hops' );

		$this->is_well_there = true === $said->flag( 'well' );
		if ( null === $hops || array() === $hops ) {
			$this->hops[] = Hop::unknown( "the daemon's own hops", 'the daemon named none', 'update the daemon: it is older or newer than this plugin' );
			return;
		}
		$this->hops = array_merge( $this->hops, array_map( array( Hop::class, 'told' ), $hops ) );
	}

	/**
	 * Go no further.
	 *
	 * @param string $code   Why.
	 * @param string $detail What was found.
	 * @param string $fix    What to do about it.
	 */
	private function stop( string $code, string $detail, string $fix ): bool {
		$this->obstacle = \Tillbridge\refusal( $code, $detail, 503 );
		$this->hops[]   = Hop::problem( 'listener', $detail, $fix );
		$this->hops[]   = Hop::unknown( 'signature', 'not tried: see the hop "listener"' );
		$this->hops[]   = Hop::unknown( 'clock', 'not compared: see the hop "listener"' );
		$this->hops[]   = Hop::unknown( "the daemon's own hops", 'not asked: see the hop "listener"' );
		return false;
	}
}
