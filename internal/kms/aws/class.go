package awskms

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strings"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/libasherah/libasherah/internal/awsconf"
)

// class is why a region failed, in words for the caller.
type class string

const (
	unreachable   class = "unreachable"
	timedOut      class = "timed out"
	throttled     class = "throttled"
	unavailable   class = "unavailable"
	denied        class = "access denied"
	noCredentials class = "no credentials"
	badSignature  class = "credentials refused"
	disabled      class = "key disabled"
	notFound      class = "key not found"
	invalidState  class = "key not usable in its state"
	wrongKey      class = "wrong key"
	badAnswer     class = "answer not understood"
	refused       class = "refused"
	abandoned     class = "given up" // no fault of the region's
)

// transient says that the same request may succeed a moment later.
func (c class) transient() bool {
	switch c {
	case unreachable, timedOut, throttled, unavailable, badSignature:
		return true
	}
	return false
}

// outage says that the region could not serve anybody: its circuit breaker counts that.
func (c class) outage() bool { return c == unreachable || c == timedOut || c == unavailable }

// codes are the error codes of KMS and of what is in front of it.
var codes = map[string]class{
	"AccessDeniedException": denied, "AccessDenied": denied, "UnauthorizedOperation": denied, "OptInRequired": denied,
	"UnrecognizedClientException": badSignature, "InvalidClientTokenId": badSignature,
	"ExpiredTokenException": badSignature, "ExpiredToken": badSignature, "RequestExpired": badSignature,
	"MissingAuthenticationTokenException": badSignature, "MissingAuthenticationToken": badSignature,
	"InvalidSignatureException": badSignature, "SignatureDoesNotMatch": badSignature,
	"IncompleteSignatureException": badSignature, "IncompleteSignature": badSignature,
	"RequestTimeTooSkewed": badSignature, "AuthFailure": badSignature,
	"DisabledException": disabled,
	"NotFoundException": notFound, "InvalidArnException": notFound,
	"KMSInvalidStateException": invalidState, "InvalidKeyUsageException": invalidState,
	"IncorrectKeyException": wrongKey, "InvalidCiphertextException": wrongKey,
	"ThrottlingException": throttled, "Throttling": throttled, "ThrottledException": throttled,
	"RequestThrottled": throttled, "RequestThrottledException": throttled, "RequestLimitExceeded": throttled,
	"TooManyRequestsException": throttled, "SlowDown": throttled, "LimitExceededException": throttled,
	"BandwidthLimitExceeded": throttled,
	"KMSInternalException":   unavailable, "DependencyTimeoutException": unavailable,
	"KeyUnavailableException": unavailable, "InternalFailure": unavailable, "InternalServerError": unavailable,
	"InternalServerException": unavailable, "ServiceUnavailable": unavailable, "ServiceUnavailableException": unavailable,
}

var (
	// errWrongKey is the failure to open a key with what a region gave.
	errWrongKey = errors.New("what the region has unwrapped does not open the system key")
	// errAnswer is for answers that KMS does not give.
	errAnswer = errors.New("not an answer of KMS")
)

// classify finds the class of an error of the SDK, from the inside out: an error that KMS answered with says more than
// the status it came with, and that more than the connection.
func classify(err error) class {
	var credentials *awsconf.CredentialsError
	var api smithy.APIError
	var answer *smithyhttp.ResponseError
	var sending *smithyhttp.RequestSendError
	var reading *smithy.DeserializationError
	switch {
	case errors.Is(err, errWrongKey):
		return wrongKey
	case errors.Is(err, errAnswer):
		return badAnswer
	case errors.As(err, &credentials):
		return noCredentials
	case errors.As(err, &api) && codes[api.ErrorCode()] != "":
		return codes[api.ErrorCode()]
	case errors.As(err, &answer) && answer.HTTPStatusCode() == http.StatusTooManyRequests:
		return throttled
	case errors.As(err, &answer) && answer.HTTPStatusCode() >= http.StatusInternalServerError:
		return unavailable
	case errors.As(err, &api):
		return refused
	case errors.Is(err, context.DeadlineExceeded):
		return timedOut
	case errors.Is(err, context.Canceled):
		return abandoned
	case errors.As(err, &sending):
		return unreachable
	case errors.As(err, &reading):
		return badAnswer
	}
	return refused
}

var safeID = regexp.MustCompile(`^[A-Za-z0-9-]{1,64}$`)

// requestID returns what AWS calls the request, "" where it has not come as far.
func requestID(err error) string {
	var answer *awshttp.ResponseError
	if errors.As(err, &answer) && safeID.MatchString(answer.ServiceRequestID()) {
		return answer.ServiceRequestID()
	}
	return ""
}

// codeOf returns the code of an error that KMS answered with, fit to be shown.
func codeOf(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) && safeID.MatchString(api.ErrorCode()) && !strings.EqualFold(api.ErrorCode(), "UnknownError") {
		return api.ErrorCode()
	}
	return ""
}
