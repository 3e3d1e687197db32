package main

import (
	"context"
	"fmt"

	"github.com/libasherah/libasherah/internal/metastore/dynamodb"
	"github.com/libasherah/libasherah/internal/metastore/rdbms"
)

type ddlCommand struct {
	Kind string `arg:"" help:"mssql, mysql, postgres, sqlite or dynamodb." enum:"mssql,mysql,postgres,sqlite,dynamodb"`
}

// Run prints the DDL. For DynamoDB that is the input of "aws dynamodb create-table --cli-input-json".
func (c *ddlCommand) Run(_ context.Context, t *tool) error {
	text := dynamodb.DDL
	if c.Kind != "dynamodb" {
		var err error
		if text, err = rdbms.DDL(c.Kind); err != nil {
			return err
		}
	}
	_, err := fmt.Fprint(t.out, text)
	return err
}
