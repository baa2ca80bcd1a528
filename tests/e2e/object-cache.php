<?php
/**
 * A lasting object cache, as Redis or Memcached behind their drop-ins: what one request has read, the next one believes.
 * Each value is a file; a request remembers what it has read. Goes to wp-content/object-cache.php.
 *
 * @package Tillbridge
 */

defined( 'ABSPATH' ) || exit;

/**
 * The cache.
 */
final class E2E_Object_Cache {

	private $seen    = array();
	private $passing = array();
	private $folder  = WP_CONTENT_DIR . '/object-cache';

	public function get( $key, $group, $force, &$found ) {
		$name = $this->name( $key, $group );
		if ( ( $force || ! isset( $this->seen[ $name ] ) ) && ! isset( $this->passing[ $group ] ) ) {
			$text = @file_get_contents( "$this->folder/$name" );
			if ( false === $text ) {
				unset( $this->seen[ $name ] );
			} else {
				$this->seen[ $name ] = $text;
			}
		}
		$found = isset( $this->seen[ $name ] );
		return $found ? unserialize( $this->seen[ $name ] ) : false;
	}

	public function set( $key, $value, $group ) {
		$name                = $this->name( $key, $group );
		$this->seen[ $name ] = serialize( $value );
		if ( isset( $this->passing[ $group ] ) ) {
			return true;
		}
		wp_mkdir_p( $this->folder );
		@chmod( $this->folder, 0777 );
		$fresh = "$this->folder/$name." . bin2hex( random_bytes( 4 ) );
		return false !== file_put_contents( $fresh, $this->seen[ $name ] ) && rename( $fresh, "$this->folder/$name" );
	}

	public function has( $key, $group ) {
		$this->get( $key, $group, false, $found );
		return $found;
	}

	public function delete( $key, $group ) {
		$name = $this->name( $key, $group );
		unset( $this->seen[ $name ] );
		return isset( $this->passing[ $group ] ) || @unlink( "$this->folder/$name" );
	}

	public function flush() {
		$this->seen = array();
		array_map( 'unlink', (array) glob( "$this->folder/*" ) );
		return true;
	}

	public function let_pass( $groups ) {
		$this->passing += array_fill_keys( (array) $groups, true );
	}

	private function name( $key, $group ) {
		return md5( ( $group ? $group : 'default' ) . ':' . $key );
	}
}

function wp_cache_init() {
	$GLOBALS['wp_object_cache'] = new E2E_Object_Cache();
}

function wp_cache_get( $key, $group = '', $force = false, &$found = null ) {
	return $GLOBALS['wp_object_cache']->get( $key, $group, $force, $found );
}

function wp_cache_set( $key, $data, $group = '', $expire = 0 ) {
	return $GLOBALS['wp_object_cache']->set( $key, $data, $group );
}

function wp_cache_add( $key, $data, $group = '', $expire = 0 ) {
	return ! wp_suspend_cache_addition() && ! $GLOBALS['wp_object_cache']->has( $key, $group ) && wp_cache_set( $key, $data, $group );
}

function wp_cache_replace( $key, $data, $group = '', $expire = 0 ) {
	return $GLOBALS['wp_object_cache']->has( $key, $group ) && wp_cache_set( $key, $data, $group );
}

function wp_cache_incr( $key, $offset = 1, $group = '' ) {
	$value = $GLOBALS['wp_object_cache']->get( $key, $group, true, $found );
	return $found && wp_cache_set( $key, (int) $value + $offset, $group ) ? (int) $value + $offset : false;
}

function wp_cache_decr( $key, $offset = 1, $group = '' ) {
	return wp_cache_incr( $key, -$offset, $group );
}

function wp_cache_delete( $key, $group = '' ) {
	return $GLOBALS['wp_object_cache']->delete( $key, $group );
}

function wp_cache_flush() {
	return $GLOBALS['wp_object_cache']->flush();
}

function wp_cache_close() {
	return true;
}

function wp_cache_add_global_groups( $groups ) {
}

function wp_cache_add_non_persistent_groups( $groups ) {
	$GLOBALS['wp_object_cache']->let_pass( $groups );
}
