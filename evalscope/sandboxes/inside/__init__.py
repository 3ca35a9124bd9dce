"""What runs inside a sandbox: the standard library and this folder are all there is."""
