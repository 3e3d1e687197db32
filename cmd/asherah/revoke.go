package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/libasherah/libasherah/internal/envelope"
)

type revokeCommand struct {
	Key     string `help:"Key id, such as _IK_partition_service_product." required:"" placeholder:"ID"`
	Created int64  `help:"Time of creation of the key, Unix seconds, as inspect shows it." required:"" placeholder:"SECONDS"`
	Yes     bool   `help:"Do not ask."`
}

// Run sets the mark. There is no way back: processes that have seen it replace the key.
func (c *revokeCommand) Run(ctx context.Context, t *tool) error {
	conf, store, end, err := t.openMetastore()
	if err != nil {
		return err
	}
	defer end()
	revoker, ok := store.(envelope.Revoker)
	if !ok {
		return fail(envelope.Configuration, "this metastore has no keys to revoke that outlive the process")
	}
	if !c.Yes {
		_, _ = fmt.Fprintf(t.err, "Revoke key %q created %d? It cannot be taken back. Type yes: ", c.Key, c.Created)
		answer, err := bufio.NewReader(t.in).ReadString('\n')
		if err != nil && err != io.EOF || strings.TrimSpace(answer) != "yes" {
			return fail(envelope.InvalidArgument, "nothing was changed")
		}
	}
	found, err := revoker.Revoke(ctx, c.Key, c.Created)
	switch {
	case err != nil:
		return err
	case !found:
		return fail(envelope.MetadataMissing, "the metastore has no key %q created %d", c.Key, c.Created)
	}
	_, err = fmt.Fprintf(t.out, "revoked: running processes replace it within their CheckInterval (%s as configured here)\n",
		conf.Policy().RevokeCheckInterval)
	return err
}
