package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
)

type inspectCommand struct {
	Record  string `help:"File with a data row record; - is standard input. This or --key." xor:"what" required:"" placeholder:"FILE"`
	Key     string `help:"Key id, such as _IK_partition_service_product. This or --record." xor:"what" required:"" placeholder:"ID"`
	Created int64  `help:"Time of creation of the key, Unix seconds; without it the newest." placeholder:"SECONDS"`
	JSON    bool   `help:"Write JSON." name:"json"`
}

// keyInfo is what is shown of a key.
type keyInfo struct {
	Kind    string    `json:"kind"` // "intermediate" or "system"
	ID      string    `json:"id"`
	Created int64     `json:"created"`
	Time    time.Time `json:"time"`
	Found   bool      `json:"found"`
	Age     string    `json:"age,omitempty"`
	Expired bool      `json:"expired"`
	Revoked bool      `json:"revoked"`
	Newest  bool      `json:"newest"`
	Bytes   int       `json:"sealed_bytes,omitempty"`
	Problem string    `json:"problem,omitempty"`
}

// chain is a record with the keys above it, or a key with its parent.
type chain struct {
	PlaintextBytes *int      `json:"plaintext_bytes,omitempty"`
	Keys           []keyInfo `json:"keys"`
}

// Run shows the chain of a record or a key.
func (c *inspectCommand) Run(ctx context.Context, t *tool) error {
	conf, store, end, err := t.openMetastore()
	if err != nil {
		return err
	}
	defer end()
	var found chain
	name := envelope.KeyMeta{ID: c.Key, Created: c.Created}
	if c.Record != "" {
		record, err := t.read(ctx, c.Record)
		if err != nil {
			return err
		}
		info, err := envelope.ReadRecordInfo(record)
		if err != nil {
			return err
		}
		found.PlaintextBytes, name = &info.Plaintext, info.Parent
	}
	if err := found.climb(ctx, store, name, conf.Policy().ExpireAfter); err != nil {
		return err
	}
	if c.Record == "" && !found.Keys[0].Found {
		if c.Created != 0 {
			return fail(envelope.MetadataMissing, "the metastore has no key with id %q created at %d", c.Key, c.Created)
		}
		return fail(envelope.MetadataMissing, "the metastore has no key with id %q", c.Key)
	}
	if err := found.show(t, c.JSON); err != nil {
		return err
	}
	if last := found.Keys[len(found.Keys)-1]; !last.Found {
		return fail(envelope.MetadataMissing, "the %s key %q is not in the metastore: was it deleted, or is this another metastore?",
			last.Kind, last.ID)
	}
	return nil
}

func (c *chain) show(t *tool, asJSON bool) error {
	if asJSON {
		encoder := json.NewEncoder(t.out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(c)
	}
	return c.print(t)
}

// climb adds a key and those above it. created 0 is for the newest.
func (c *chain) climb(ctx context.Context, store envelope.Metastore, name envelope.KeyMeta, life time.Duration) error {
	for depth := 0; depth < 3; depth++ { // two levels; more are a circle
		newest, err := store.LoadLatest(ctx, name.ID)
		if err != nil && envelope.CodeOf(err) != envelope.MalformedRecord {
			return err
		}
		if name.Created == 0 && newest != nil {
			name.Created = newest.Created
		}
		r, err := store.Load(ctx, name.ID, name.Created)
		info := keyInfo{Kind: kindOf(name.ID), ID: name.ID, Created: name.Created, Time: time.Unix(name.Created, 0).UTC()}
		switch {
		case err != nil && envelope.CodeOf(err) != envelope.MalformedRecord:
			return err
		case err != nil:
			info.Found, info.Problem = true, err.Error()
		case r == nil:
			info.Problem = "not in the metastore: records under it cannot be decrypted"
		default:
			age := time.Since(info.Time)
			info.Found, info.Revoked, info.Bytes = true, r.Revoked, len(r.Key)
			info.Age, info.Expired = shortly(age), age >= life
			info.Newest = newest != nil && newest.Created == r.Created
		}
		c.Keys = append(c.Keys, info)
		if r == nil || r.Parent == nil {
			return nil
		}
		name = *r.Parent
	}
	return fail(envelope.MalformedRecord, "the parents of the key go round in a circle, or are more than two")
}

func kindOf(id string) string {
	if strings.HasPrefix(id, "_SK_") {
		return "system"
	}
	return "intermediate"
}

// shortly writes a duration in its largest whole unit or two.
func shortly(d time.Duration) string {
	if d >= 48*time.Hour {
		return fmt.Sprintf("%d days", d/(24*time.Hour))
	}
	return d.Round(time.Second).String()
}

func (c *chain) print(t *tool) error {
	if c.PlaintextBytes != nil {
		_, _ = fmt.Fprintf(t.out, "data row record, %d bytes of plaintext\n", *c.PlaintextBytes)
	}
	for _, k := range c.Keys {
		marks := []string{k.Problem}
		if k.Found && k.Problem == "" {
			marks = []string{"age " + k.Age}
			if k.Expired {
				marks = append(marks, "EXPIRED")
			}
			if k.Revoked {
				marks = append(marks, "REVOKED")
			}
			if !k.Newest {
				marks = append(marks, "there is a newer one")
			}
		}
		if _, err := fmt.Fprintf(t.out, "%s key %q created %d (%s): %s\n", k.Kind, k.ID, k.Created,
			k.Time.Format(time.RFC3339), strings.Join(marks, ", ")); err != nil {
			return err
		}
	}
	return nil
}
