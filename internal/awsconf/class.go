package awsconf

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strings"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Class is why a service failed, in words for the caller.
type Class string

// The classes of failures.
const (
	Unreachable   Class = "unreachable"
	TimedOut      Class = "timed out"
	Throttled     Class = "throttled"
	Unavailable   Class = "unavailable"
	Denied        Class = "access denied"
	NoCredentials Class = "no credentials"
	BadSignature  Class = "credentials refused"
	Disabled      Class = "key disabled"
	NotFound      Class = "not found"
	InvalidState  Class = "not usable in its state"
	WrongKey      Class = "wrong key"
	BadAnswer     Class = "answer not understood"
	Refused       Class = "refused"
	Abandoned     Class = "given up" // by the caller: no fault of the service's
)

// Transient says that the same request may succeed a moment later.
func (c Class) Transient() bool {
	switch c {
	case Unreachable, TimedOut, Throttled, Unavailable, BadSignature:
		return true
	}
	return false
}

// Outage says that the service could not serve anybody.
func (c Class) Outage() bool { return c == Unreachable || c == TimedOut || c == Unavailable }

// codes are the error codes of the services and of what is in front of them.
var codes = map[string]Class{
	"AccessDeniedException": Denied, "AccessDenied": Denied, "UnauthorizedOperation": Denied, "OptInRequired": Denied,
	"UnrecognizedClientException": BadSignature, "InvalidClientTokenId": BadSignature,
	"ExpiredTokenException": BadSignature, "ExpiredToken": BadSignature, "RequestExpired": BadSignature,
	"MissingAuthenticationTokenException": BadSignature, "MissingAuthenticationToken": BadSignature,
	"InvalidSignatureException": BadSignature, "SignatureDoesNotMatch": BadSignature,
	"IncompleteSignatureException": BadSignature, "IncompleteSignature": BadSignature,
	"RequestTimeTooSkewed": BadSignature, "AuthFailure": BadSignature,
	"DisabledException": Disabled,
	"NotFoundException": NotFound, "InvalidArnException": NotFound, "ResourceNotFoundException": NotFound,
	"KMSInvalidStateException": InvalidState, "InvalidKeyUsageException": InvalidState,
	"IncorrectKeyException": WrongKey, "InvalidCiphertextException": WrongKey, "DecryptionFailure": WrongKey,
	"ThrottlingException": Throttled, "Throttling": Throttled, "ThrottledException": Throttled,
	"RequestThrottled": Throttled, "RequestThrottledException": Throttled, "RequestLimitExceeded": Throttled,
	"TooManyRequestsException": Throttled, "SlowDown": Throttled, "LimitExceededException": Throttled,
	"BandwidthLimitExceeded": Throttled, "ProvisionedThroughputExceededException": Throttled,
	"KMSInternalException": Unavailable, "DependencyTimeoutException": Unavailable,
	"KeyUnavailableException": Unavailable, "InternalFailure": Unavailable, "InternalServerError": Unavailable,
	"InternalServerException": Unavailable, "InternalServiceError": Unavailable, "ServiceUnavailable": Unavailable,
	"ServiceUnavailableException": Unavailable,
}

// Classify finds the class of an error of the SDK, from the inside out: an error that the service answered with says
// more than the status it came with, and that more than the connection.
func Classify(err error) Class {
	var credentials *CredentialsError
	var api smithy.APIError
	var answer *smithyhttp.ResponseError
	var sending *smithyhttp.RequestSendError
	var reading *smithy.DeserializationError
	switch {
	case errors.As(err, &credentials):
		return NoCredentials
	case errors.As(err, &api) && codes[api.ErrorCode()] != "":
		return codes[api.ErrorCode()]
	case errors.As(err, &answer) && answer.HTTPStatusCode() == http.StatusTooManyRequests:
		return Throttled
	case errors.As(err, &answer) && answer.HTTPStatusCode() >= http.StatusInternalServerError:
		return Unavailable
	case errors.As(err, &api):
		return Refused
	case errors.Is(err, context.DeadlineExceeded):
		return TimedOut
	case errors.Is(err, context.Canceled):
		return Abandoned
	case errors.As(err, &sending):
		return Unreachable
	case errors.As(err, &reading):
		return BadAnswer
	}
	return Refused
}

// Describe puts a failure of this class in words for the caller, with the number that AWS has given the request:
// nothing of it names an account, a key or a host.
func (c Class) Describe(err error) string {
	words := string(c)
	if c == NoCredentials {
		words += ` (where they are looked for: docs/aws-kms.md, "Credentials")`
	}
	if code := safeCode(err); c == Refused && code != "" {
		words += " (" + code + ")"
	}
	if id := requestID(err); id != "" {
		words += " (request " + id + ")"
	}
	return words
}

var safe = regexp.MustCompile(`^[A-Za-z0-9-]{1,64}$`)

// requestID returns what AWS calls the request, "" where it has not come as far.
func requestID(err error) string {
	var answer *awshttp.ResponseError
	if errors.As(err, &answer) && safe.MatchString(answer.ServiceRequestID()) {
		return answer.ServiceRequestID()
	}
	return ""
}

// safeCode returns the code of an error that the service answered with, if it is fit to be shown.
func safeCode(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) && safe.MatchString(api.ErrorCode()) && !strings.EqualFold(api.ErrorCode(), "UnknownError") {
		return api.ErrorCode()
	}
	return ""
}
