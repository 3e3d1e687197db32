package dynamodb

import (
	"encoding/base64"
	"encoding/json"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/libasherah/libasherah/internal/envelope"
)

// attributesOf makes the map KeyRecord, as the canonical SDKs write it: Revoked only when true, ParentKeyMeta only where
// there is a parent.
func attributesOf(r *envelope.KeyRecord) *types.AttributeValueMemberM {
	attributes := map[string]types.AttributeValue{
		"Created": number(r.Created),
		"Key":     &types.AttributeValueMemberS{Value: base64.StdEncoding.EncodeToString(r.Key)},
	}
	if r.Revoked {
		attributes["Revoked"] = &types.AttributeValueMemberBOOL{Value: true}
	}
	if r.Parent != nil {
		attributes["ParentKeyMeta"] = &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{
			"KeyId": &types.AttributeValueMemberS{Value: r.Parent.ID}, "Created": number(r.Parent.Created),
		}}
	}
	return &types.AttributeValueMemberM{Value: attributes}
}

// record reads an item, nil if there is none. What KeyRecord holds is read by the rules of the text form.
func (m *Metastore) record(item map[string]types.AttributeValue, id string) (*envelope.KeyRecord, error) {
	if len(item) == 0 {
		return nil, nil
	}
	found, ok := item[idAttribute].(*types.AttributeValueMemberS)
	if !ok || found.Value != id {
		return nil, envelope.Errorf(envelope.MetastoreFailed, nil, "the DynamoDB metastore returned the item of another id")
	}
	sort, _ := item[createdAttribute].(*types.AttributeValueMemberN)
	attributes, ok := item[recordAttribute].(*types.AttributeValueMemberM)
	if sort == nil || !ok {
		return nil, envelope.Errorf(envelope.MalformedRecord, nil,
			"an item of the table has no number Created or no map KeyRecord")
	}
	created, err := strconv.ParseInt(sort.Value, 10, 64)
	if err != nil {
		return nil, envelope.Errorf(envelope.MalformedRecord, nil, "an item's Created is not a whole number of seconds")
	}
	text, err := json.Marshal(plain(attributes))
	if err != nil {
		return nil, envelope.Errorf(envelope.MalformedRecord, err, "an item's KeyRecord has a number that is none")
	}
	r, err := envelope.ParseKeyRecord(text)
	if err != nil {
		return nil, err
	}
	r.ID, r.Created = found.Value, created
	return r, nil
}

// plain is the JSON value of an attribute. Types that a record has no use for become null, or are not a record's.
func plain(attribute types.AttributeValue) any {
	switch a := attribute.(type) {
	case *types.AttributeValueMemberM:
		object := make(map[string]any, len(a.Value))
		for name, member := range a.Value {
			object[name] = plain(member)
		}
		return object
	case *types.AttributeValueMemberS:
		return a.Value
	case *types.AttributeValueMemberN:
		return json.Number(a.Value)
	case *types.AttributeValueMemberBOOL:
		return a.Value
	case *types.AttributeValueMemberNULL:
		return nil
	}
	return []any{}
}
