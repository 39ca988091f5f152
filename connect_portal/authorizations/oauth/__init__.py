"""Our corrections to the OAuth library: every rule of RFC 6749, 7009, 7636 and 9700 that it leaves
open, held over our own rows. Views and settings use it; nobody outside this room does."""
