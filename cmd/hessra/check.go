package main

import (
	"fmt"
	"slices"

	"github.com/libasherah/libasherah/internal/hessra"
)

type checkCommand struct {
	File string `arg:"" help:"Configuration file, TOML if its name ends with .toml or .tml, else JSON." placeholder:"FILE"`
}

// Run reads a configuration and shows what is in it.
func (c *checkCommand) Run(t *tool) error {
	config, err := hessra.ReadConfig(c.File)
	if err != nil {
		return err
	}
	ids := config.KeyIDs()
	slices.Sort(ids)
	for _, id := range ids {
		key, err := config.Key(id)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(t.out, "key %q: %s\n", id, key); err != nil {
			return err
		}
	}
	for _, node := range config.ServiceNodes() {
		if _, err := fmt.Fprintf(t.out, "service node %q: %s\n", node.Component, node.PublicKey); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(t.out, "valid: %d keys, %d service nodes\n", len(ids), len(config.ServiceNodes()))
	return err
}
