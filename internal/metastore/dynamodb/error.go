package dynamodb

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/libasherah/libasherah/internal/awsconf"
	"github.com/libasherah/libasherah/internal/envelope"
)

// errBudget is why a call ends that the table did not answer in time. The caller's own limit is another matter.
var errBudget = errors.New("the time for one call to DynamoDB is over")

// failed classifies a failure. The words of the service may name the table's ARN and go to the log hook only.
func (m *Metastore) failed(ctx context.Context, what string, err error) error {
	if errors.Is(err, context.Canceled) {
		return context.Canceled
	}
	reason, code := "it could not be reached, or answered otherwise than DynamoDB does", envelope.MetastoreFailed
	var (
		coded       smithy.APIError
		credentials *awsconf.CredentialsError
	)
	switch {
	case errors.Is(context.Cause(ctx), errBudget):
		reason = "it did not answer in time"
	case errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil:
		reason, code = "it did not answer in time", envelope.TimedOut
	case IsNoTable(err):
		reason = "there is no such table in this region and account"
	case errors.As(err, &credentials):
		reason = "there are no AWS credentials; the log hook has the cause"
	case errors.As(err, &coded):
		reason = "it answered " + safeName(coded.ErrorCode())
		if m.aws != nil && awsconf.Classify(err) == awsconf.BadSignature {
			m.aws.ForgetCredentials()
		}
	}
	return envelope.Errorf(code, err, "DynamoDB failed to %s: %s", what, reason)
}

// IsNoTable says that there is no such table in the region and the account.
func IsNoTable(err error) bool {
	var none *types.ResourceNotFoundException
	return errors.As(err, &none)
}

// IsDenied says that the table was reached and the credentials do not have the permission.
func IsDenied(err error) bool { return awsconf.Classify(err) == awsconf.Denied }

// safeName lets through what is a name, so that no answer can put words into a message.
func safeName(code string) string {
	for _, c := range code {
		if c|0x20 < 'a' || c|0x20 > 'z' {
			return "an error"
		}
	}
	if code == "" || len(code) > 64 {
		return "an error"
	}
	return code
}
