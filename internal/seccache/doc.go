// Package seccache keeps key bytes in locked memory and caches the ciphers made from them.
//
// A Secret is a slot in a slab: a few pages between two inaccessible guard pages, locked into RAM (mlock), left out of
// core dumps (MADV_DONTDUMP) and zero in a child made by fork (MADV_WIPEONFORK). Many slots share a slab, since a page
// per key would use up the usual lock limit of 64 KiB to 8 MiB with a few keys; a large secret has pages of its own.
// An AEAD is an AES-256-GCM object whose expanded key lies in such a slot. A Key is an AEAD with a use count: it is
// wiped when it has been retired and its last user has let go. Cache is a bounded LRU with single flight.
package seccache
