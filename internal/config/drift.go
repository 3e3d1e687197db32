package config

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
)

// A guard against configurations that drift apart: what makes records unreadable when it changes is noted in the
// metastore by the first factory, and compared by later ones. The note is a key record of an id that no key has, so that
// every table holds it. It has a hash of each part, so that it says nothing of the parts themselves.

// guardCreated is the note's time of creation: there is one note of a name, not one a factory.
const guardCreated = 946684800 // 2000-01-01

// guardTimeout bounds the look at the note where TimeoutMs does not.
const guardTimeout = 10 * time.Second

// checkDrift compares c with the note of its name, and makes one where there is none.
func (c *Config) checkDrift(store envelope.Metastore) error {
	if c.settings.driftGuard == "" {
		return nil
	}
	ctx, cancel := c.guardContext(context.Background())
	defer cancel()
	own, err := json.Marshal(c.fingerprints(store.KeySuffix()))
	if err != nil {
		return err
	}
	for range 2 {
		noted, err := c.compareWithNote(ctx, store)
		if noted || err != nil {
			return err
		}
		id := c.guardID()
		stored, err := store.Store(ctx, id, guardCreated, &envelope.KeyRecord{ID: id, Created: guardCreated, Key: own})
		if stored || err != nil {
			return driftError(err)
		}
		// Another factory was faster.
	}
	return envelope.Errorf(envelope.MetastoreFailed, nil, "the metastore has the note of DriftGuard and does not find it")
}

// DriftGuard returns the name of c's note, "" if there is to be none.
func (c *Config) DriftGuard() string { return c.settings.driftGuard }

// CheckDrift compares c with the note of its name as a factory does, and writes nothing. noted is false where there is
// no note.
func (c *Config) CheckDrift(ctx context.Context, store envelope.Metastore) (noted bool, err error) {
	ctx, cancel := c.guardContext(ctx)
	defer cancel()
	return c.compareWithNote(ctx, store)
}

func (c *Config) guardContext(ctx context.Context) (context.Context, context.CancelFunc) {
	timeout := guardTimeout
	if ms := c.settings.timeoutMs; ms > 0 {
		timeout = milliseconds(ms)
	}
	return context.WithTimeout(ctx, timeout)
}

func (c *Config) guardID() string { return "_asherah_guard_" + c.settings.driftGuard }

func (c *Config) compareWithNote(ctx context.Context, store envelope.Metastore) (noted bool, err error) {
	note, err := store.Load(ctx, c.guardID(), guardCreated)
	if err != nil || note == nil {
		return false, driftError(err)
	}
	return true, c.compare(c.guardID(), note.Key, store.KeySuffix())
}

func driftError(err error) error {
	if err == nil {
		return nil
	}
	var own *envelope.Error
	if errors.As(err, &own) {
		return err
	}
	return envelope.Errorf(envelope.MetastoreFailed, err, "the metastore could not be asked for the note of DriftGuard")
}

func (c *Config) compare(id string, note []byte, suffix string) error {
	var noted map[string]string
	if err := json.Unmarshal(note, &noted); err != nil {
		return refuse("the note of DriftGuard in the metastore is none: look at the key record with id %q", id)
	}
	own := c.fingerprints(suffix)
	var differ []string
	for _, part := range slices.Sorted(maps.Keys(own)) {
		if noted[part] != own[part] {
			differ = append(differ, part)
		}
	}
	if len(differ) == 0 {
		return nil
	}
	return refuse("configuration fields have changed since DriftGuard noted them: %s. Records written before may not be "+
		"readable with them. If this is meant, delete the key record with id %q from the metastore", strings.Join(differ, ", "), id)
}

// fingerprints are hashes of what records depend on, by the names of the fields.
func (c *Config) fingerprints(suffix string) map[string]string {
	s := &c.settings
	kms := []string{s.kms}
	switch s.kms {
	case "aws":
		for _, e := range s.regionMap {
			kms = append(kms, e.name+"="+e.value)
		}
		slices.Sort(kms[1:])
		kms = append(kms, s.kmsKeyID)
	case "secrets-manager":
		kms = append(kms, s.secretsManagerSecretID)
	case "vault", "vault-transit":
		kms = []string{"vault", s.vaultTransitMount, s.vaultTransitKey}
	}
	out := map[string]string{}
	for name, parts := range map[string][]string{
		"ServiceName": {s.serviceName}, "ProductID": {s.productID}, "RegionSuffix": {suffix}, "KMS": kms,
	} {
		text, _ := json.Marshal(parts) // strings: cannot fail
		sum := sha256.Sum256(text)
		out[name] = hex.EncodeToString(sum[:])
	}
	return out
}
