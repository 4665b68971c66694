"""Any source becomes an image, or an error of ours that names it."""
