package main

import (
	"fmt"
	"os"

	"github.com/libasherah/libasherah/internal/hessra"
)

type verifyCommand struct {
	tokenArgument
	keyFlags

	Subject   *string `help:"Who asks; without it the token is judged whoever that is." placeholder:"ID"`
	Resource  *string `help:"What is asked for." placeholder:"NAME"`
	Operation *string `help:"What is to be done with it; without it the token must allow to read or to write; needed without --subject." placeholder:"NAME"`
	Domain    *string `help:"The domain of the request." placeholder:"NAME"`
	Prefix    *string `help:"The prefix of the request." placeholder:"NAME"`

	Identity        bool    `help:"Judge an identity token."`
	Actor           *string `help:"The identity that uses it." placeholder:"ID"`
	SubjectInDomain bool    `help:"The identity must be bound to the domain."`

	ServiceNodes string  `help:"JSON file with the nodes of the service chain." placeholder:"FILE"`
	ServiceChain bool    `help:"Demand the service chain that the configuration names."`
	Component    *string `help:"The own component in the service chain." placeholder:"NAME"`

	Now *int64 `help:"Time to judge at, Unix seconds; without it the clock's." placeholder:"SECONDS"`
}

// Run judges a token.
func (c *verifyCommand) Run(t *tool) error {
	// What is wrong with the call is said before what is wrong with the token.
	key, err := c.open()
	if err != nil {
		return err
	}
	request, err := c.request()
	if err != nil {
		return err
	}
	token, err := c.read(t)
	if err != nil {
		return err
	}
	if err := token.Verify(key, request); err != nil {
		return err
	}
	_, err = fmt.Fprintln(t.out, "the token allows the request")
	return err
}

func (c *verifyCommand) request() (*hessra.Request, error) {
	nodes, err := c.nodes()
	if err != nil {
		return nil, err
	}
	r := &hessra.Request{
		Subject: c.Subject, Resource: c.Resource, Operation: c.Operation, Domain: c.Domain, Prefix: c.Prefix,
		Identity: c.Actor, SubjectInDomain: c.SubjectInDomain, ServiceNodes: nodes, Component: c.Component,
	}
	if c.Now != nil {
		r.Now, r.NowGiven = *c.Now, true
	}
	switch {
	case c.Identity:
		r.Kind = hessra.VerifyIdentity
	case c.Subject == nil:
		r.Kind = hessra.VerifyCapability
	case nodes != nil:
		r.Kind = hessra.VerifyServiceChain
	case c.Operation != nil:
		r.Kind = hessra.VerifyOperation
	default:
		r.Kind = hessra.Verify
	}
	return r, nil
}

// nodes returns the service chain to demand, nil for none.
func (c *verifyCommand) nodes() ([]hessra.ServiceNode, error) {
	if c.ServiceNodes != "" {
		text, err := os.ReadFile(c.ServiceNodes)
		if err != nil {
			return nil, err
		}
		return hessra.ParseServiceNodes(text)
	}
	if !c.ServiceChain {
		return nil, nil
	}
	if c.Config == "" {
		return nil, errNoNodes
	}
	config, err := hessra.ReadConfig(c.Config)
	if err != nil {
		return nil, err
	}
	if len(config.ServiceNodes()) == 0 {
		return nil, errNoNodes
	}
	return config.ServiceNodes(), nil
}
