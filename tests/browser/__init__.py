"""The page in wp-admin, as a person sees it: a real Chromium before a WordPress with our plugin."""
