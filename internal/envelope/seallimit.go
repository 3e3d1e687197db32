package envelope

import "github.com/libasherah/libasherah/internal/hooks"

// noteUses warns and rotates by the number of seals of one key in this process. See sealLimits.
func (f *Factory) noteUses(k *key) {
	n := k.cipher.Seals()
	if n >= f.sealLimits.rotate {
		if k.exhausted.CompareAndSwap(false, true) {
			hooks.Log(hooks.Warn, "keys", "key %.120q created %d has sealed %d records: a new one is made", k.name.ID, k.name.Created, n)
		}
	} else if n >= f.sealLimits.warn && k.warned.CompareAndSwap(false, true) {
		hooks.Log(hooks.Warn, "keys", "key %.120q created %d has sealed %d records in this process: shorten ExpireAfter", k.name.ID, k.name.Created, n)
	}
}

// sealLimits bounds how often an intermediate key seals data row keys. With random nonces of 96 bits AES-GCM should not
// seal more than 2^32 times under one key (NIST SP 800-38D, section 8.3). The count is of this process; check is how
// often, per stripe, it is looked at.
type sealLimits struct{ warn, rotate, check uint64 }

var defaultSealLimits = sealLimits{warn: 1 << 31, rotate: 1<<32 - 1<<28, check: 1 << 20}
