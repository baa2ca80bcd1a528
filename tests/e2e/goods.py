"""What lies in the real shop for the flows: simple products, a variation with stock of its own, one whose parent holds
it, and a page with the classic checkout."""

from __future__ import annotations

from dataclasses import dataclass

from tests.e2e.wordpress import RealShop

VARIABLE = """
$attribute = new WC_Product_Attribute();
$attribute->set_name( 'Size' );
$attribute->set_options( array( 'S', 'M' ) );
$attribute->set_variation( true );
$parent = new WC_Product_Variable();
$parent->set_name( '%(sku)s' );
$parent->set_attributes( array( $attribute ) );
$own = %(own)s;
if ( ! $own ) {
	$parent->set_sku( '%(sku)s' );
	$parent->set_manage_stock( true );
	$parent->set_stock_quantity( %(stock)d );
}
$variation = new WC_Product_Variation();
$variation->set_parent_id( $parent->save() );
$variation->set_attributes( array( 'size' => 'S' ) );
$variation->set_regular_price( 20 );
if ( $own ) {
	$variation->set_sku( '%(sku)s' );
	$variation->set_manage_stock( true );
	$variation->set_stock_quantity( %(stock)d );
}
echo $parent->get_id(), ' ', $variation->save();
"""

PAGE = """
echo wp_insert_post( array( 'post_type' => 'page', 'post_status' => 'publish', 'post_title' => 'Classic',
	'post_name' => '%s', 'post_content' => '[woocommerce_checkout]' ) );
"""

THEME = """<?php
get_header();
while ( have_posts() ) {
	the_post();
	the_content();
}
get_footer();
"""

NEIGHBOURS = """<?php
/**
 * What bundles and other plugins do: from the hooks of one product's stock they move another's, and the same once more.
 */
add_action(
	'woocommerce_product_set_stock',
	static function ( $product ) {
		if ( $product->get_sku() !== 'BUNDLE' || did_action( 'e2e_part_taken' ) ) {
			return;
		}
		do_action( 'e2e_part_taken' );
		wc_update_product_stock( wc_get_product_id_by_sku( 'PART' ), 1, 'decrease' );
	}
);
add_action(
	'woocommerce_reduce_order_stock',
	static function ( $order ) {
		foreach ( $order->get_items() as $item ) {
			if ( $item->get_product() && 'BUNDLE' === $item->get_product()->get_sku() ) {
				wc_update_product_stock( $item->get_product_id(), 1, 'decrease' );
			}
		}
	}
);
"""


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable product: the parent, and the variation of it that can be bought."""

    parent: int
    variation: int


def add_variable(shop: RealShop, sku: str, stock: int, *, own: bool) -> Variable:
    """With stock of the variation's `own`, or held by the parent; whoever holds it has the SKU."""
    code = VARIABLE % {"sku": sku, "stock": stock, "own": str(own).lower()}
    parent, variation = shop.wp("eval", code).split()
    return Variable(int(parent), int(variation))


def add_classic_checkout(shop: RealShop) -> str:
    """A page with the checkout of old, in a theme that shows it; its name in the address."""
    name = "classic"
    theme = shop.folder / "site/wp-content/themes/e2e"
    theme.mkdir(parents=True)
    (theme / "style.css").write_text("/*\nTheme Name: e2e\n*/\n", encoding="utf-8")
    for part, code in {"index": THEME, "header": "<?php wp_head();", "footer": "<?php wp_footer();"}.items():
        (theme / f"{part}.php").write_text(code, encoding="utf-8")
    shop.wp("theme", "activate", "e2e")
    page = shop.wp("eval", PAGE % name)
    shop.option("woocommerce_checkout_page_id", int(page))
    return name


def add_neighbours(shop: RealShop) -> None:
    """A must-use plugin that moves a second product's stock in the request of the first's."""
    folder = shop.folder / "site/wp-content/mu-plugins"
    folder.mkdir(exist_ok=True)
    (folder / "e2e-neighbours.php").write_text(NEIGHBOURS, encoding="utf-8")
