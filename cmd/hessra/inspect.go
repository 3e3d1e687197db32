package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/libasherah/libasherah/internal/biscuit"
	"github.com/libasherah/libasherah/internal/hessra"
)

type inspectCommand struct {
	tokenArgument
	JSON bool `help:"Write JSON." name:"json"`
}

// blockInfo is what is shown of a block.
type blockInfo struct {
	Version      string `json:"version"`
	Context      string `json:"context,omitempty"`
	SignedBy     string `json:"signed_by,omitempty"` // of a third party's block
	NextKey      string `json:"next_key"`
	RevocationID string `json:"revocation_id"`
	Expiry       string `json:"expiry,omitempty"` // the earliest that its checks state
	Source       string `json:"source"`
}

type tokenInfo struct {
	Sealed bool        `json:"sealed"`
	Blocks []blockInfo `json:"blocks"`
}

// Run shows a token. Nothing in a token is secret but its proof, which is not shown; who has the rest cannot use it.
func (c *inspectCommand) Run(t *tool) error {
	token, err := c.read(t)
	if err != nil {
		return err
	}
	info := inspect(token)
	if c.JSON {
		encoder := json.NewEncoder(t.out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(info)
	}
	return info.print(t)
}

func inspect(token *hessra.Token) tokenInfo {
	description := token.Describe()
	info := tokenInfo{Sealed: description.Sealed}
	for i, d := range description.Blocks {
		block, head := token.Biscuit().Block(i)
		b := blockInfo{
			Version: d.Version, Context: head.Context, SignedBy: d.SignedBy, NextKey: d.NextKey,
			RevocationID: d.RevocationID, Source: source(block),
		}
		if d.Expiry != nil {
			b.Expiry = time.Unix(*d.Expiry, 0).UTC().Format("2006-01-02 15:04:05 UTC")
		}
		info.Blocks = append(info.Blocks, b)
	}
	return info
}

func (info *tokenInfo) print(t *tool) error {
	var text strings.Builder
	fmt.Fprintf(&text, "%d blocks, %s; no signature was judged\n", len(info.Blocks),
		map[bool]string{true: "sealed", false: "open to further blocks"}[info.Sealed])
	for i, b := range info.Blocks {
		kind := "appended by a holder"
		switch {
		case i == 0:
			kind = "of the authority"
		case b.SignedBy != "":
			kind = "of a third party, " + b.SignedBy
		}
		fmt.Fprintf(&text, "\nBlock %d, %s\n", i, kind)
		for _, line := range [][2]string{
			{"format", b.Version},
			{"context", b.Context},
			{"expires", b.Expiry},
			{"next key", b.NextKey},
			{"revocation id", b.RevocationID},
		} {
			if line[1] != "" {
				fmt.Fprintf(&text, "  %-14s %s\n", line[0], line[1])
			}
		}
		text.WriteString(indent(b.Source))
	}
	_, err := fmt.Fprint(t.out, text.String())
	return err
}

// source is what a block says, as Datalog, one element a line.
func source(b *biscuit.Block) string {
	var text strings.Builder
	line := func(element fmt.Stringer) { fmt.Fprintf(&text, "%v;\n", element) }
	for i, scope := range b.Scopes {
		fmt.Fprintf(&text, "%s%v", map[bool]string{true: "trusting ", false: ", "}[i == 0], scope)
	}
	if len(b.Scopes) > 0 {
		text.WriteString(";\n")
	}
	for _, fact := range b.Facts {
		line(fact)
	}
	for _, rule := range b.Rules {
		line(rule)
	}
	for _, check := range b.Checks {
		line(check)
	}
	return text.String()
}
