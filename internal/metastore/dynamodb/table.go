package dynamodb

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/libasherah/libasherah/internal/envelope"
)

// DDL is the input of the AWS command line for a new table: aws dynamodb create-table --cli-input-json.
const DDL = `{
  "TableName": "EncryptionKey",
  "AttributeDefinitions": [
    {"AttributeName": "Id", "AttributeType": "S"},
    {"AttributeName": "Created", "AttributeType": "N"}
  ],
  "KeySchema": [
    {"AttributeName": "Id", "KeyType": "HASH"},
    {"AttributeName": "Created", "KeyType": "RANGE"}
  ],
  "BillingMode": "PAY_PER_REQUEST",
  "SSESpecification": {"Enabled": true},
  "DeletionProtectionEnabled": true
}
`

// Table is what the service says about the table.
type Table struct {
	Name   string
	Status string // "ACTIVE" when it can be used
	// Keys is true where the table has exactly the canonical keys, Id (S) and Created (N).
	Keys bool
	// Replicas are the other regions of a global table.
	Replicas []string
	// DeletionProtection keeps the table from being deleted by mistake, with all data that its keys seal.
	DeletionProtection bool
}

// Inspect asks how the table is made. It needs the permission dynamodb:DescribeTable, which reads and writes do not.
func (m *Metastore) Inspect(ctx context.Context) (*Table, error) {
	ctx, cancel, err := m.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer cancel()
	answer, err := m.client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &m.table})
	if err != nil {
		return nil, m.failed(ctx, "describe the table", err)
	}
	d := answer.Table
	t := &Table{Name: m.table, Status: string(d.TableStatus), DeletionProtection: d.DeletionProtectionEnabled != nil && *d.DeletionProtectionEnabled}
	kinds := map[string]types.ScalarAttributeType{}
	for _, a := range d.AttributeDefinitions {
		kinds[*a.AttributeName] = a.AttributeType
	}
	t.Keys = len(d.KeySchema) == 2 && kinds[idAttribute] == types.ScalarAttributeTypeS &&
		kinds[createdAttribute] == types.ScalarAttributeTypeN
	for _, k := range d.KeySchema {
		switch *k.AttributeName {
		case idAttribute:
			t.Keys = t.Keys && k.KeyType == types.KeyTypeHash
		case createdAttribute:
			t.Keys = t.Keys && k.KeyType == types.KeyTypeRange
		default:
			t.Keys = false
		}
	}
	for _, r := range d.Replicas {
		t.Replicas = append(t.Replicas, *r.RegionName)
	}
	return t, nil
}

// Sample returns up to n records of the table and how many items were none.
func (m *Metastore) Sample(ctx context.Context, n int) (records []*envelope.KeyRecord, bad int, err error) {
	ctx, cancel, err := m.begin(ctx)
	if err != nil {
		return nil, 0, err
	}
	defer cancel()
	limit := int32(min(max(n, 1), 1000))
	answer, err := m.client.Scan(ctx, &dynamodb.ScanInput{
		TableName: &m.table, Limit: &limit, ProjectionExpression: aws.String(projection), ExpressionAttributeNames: names,
	})
	if err != nil {
		return nil, 0, m.failed(ctx, "scan the table", err)
	}
	for _, item := range answer.Items {
		id, _ := item[idAttribute].(*types.AttributeValueMemberS)
		if id == nil {
			bad++
			continue
		}
		r, err := m.record(item, id.Value)
		if err != nil {
			bad++
			continue
		}
		records = append(records, r)
	}
	return records, bad, nil
}
