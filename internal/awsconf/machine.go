package awsconf

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/ec2rolecreds"
	"github.com/aws/aws-sdk-go-v2/credentials/endpointcreds"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
)

// Where containers and instances find their credentials.
const (
	containerHost = "http://169.254.170.2"
	instanceIPv4  = "http://169.254.169.254"
	instanceIPv6  = "http://[fd00:ec2::254]"
)

// containerAddresses may be asked in the clear, beside this machine: those of ECS and EKS.
var containerAddresses = []netip.Addr{
	netip.MustParseAddr("169.254.170.2"), netip.MustParseAddr("169.254.170.23"), netip.MustParseAddr("fd00:ec2::23"),
}

// ofContainer returns the source that the orchestrator has named in the environment, nil if it has named none.
func (s *Settings) ofContainer() (aws.CredentialsProvider, error) {
	endpoint := s.environment.first("AWS_CONTAINER_CREDENTIALS_FULL_URI")
	if path := s.environment.first("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"); path != "" {
		endpoint = containerHost + path
	} else if endpoint == "" {
		return nil, nil
	} else if err := mayHoldCredentials(endpoint); err != nil {
		return nil, err
	}
	return endpointcreds.New(endpoint, func(o *endpointcreds.Options) {
		o.HTTPClient = nearHTTPClient()
		o.AuthorizationToken = s.environment.first("AWS_CONTAINER_AUTHORIZATION_TOKEN")
		if file := s.environment.first("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"); file != "" {
			o.AuthorizationTokenProvider = endpointcreds.TokenProviderFunc(func() (string, error) {
				token, err := os.ReadFile(file)
				return string(token), err
			})
		}
	}), nil
}

// mayHoldCredentials refuses to send the token of a container to anybody in the clear.
func mayHoldCredentials(endpoint string) error {
	u, err := url.Parse(endpoint)
	if err != nil || u.Hostname() == "" {
		return errors.New("AWS_CONTAINER_CREDENTIALS_FULL_URI is no URL")
	}
	if u.Scheme == "https" {
		return nil
	}
	addresses, err := net.LookupHost(u.Hostname())
	if err != nil {
		return err
	}
	for _, text := range addresses {
		address, err := netip.ParseAddr(text)
		if err != nil || !address.IsLoopback() && !isContainerAddress(address) {
			return fmt.Errorf("AWS_CONTAINER_CREDENTIALS_FULL_URI must be https, or at this machine, ECS or EKS, not %s", text)
		}
	}
	return nil
}

func isContainerAddress(address netip.Addr) bool {
	for _, known := range containerAddresses {
		if address == known {
			return true
		}
	}
	return false
}

// ofInstance returns the metadata service of an EC2 instance.
func (s *Settings) ofInstance(p *profile) (aws.CredentialsProvider, error) {
	off, _, err := s.environment.flag("AWS_EC2_METADATA_DISABLED")
	if err != nil {
		return nil, err
	}
	if off {
		return nil, errors.New("no credentials are configured, and AWS_EC2_METADATA_DISABLED is true")
	}
	o := imds.Options{ClientEnableState: imds.ClientEnabled, Endpoint: instanceIPv4, HTTPClient: nearHTTPClient()}
	switch mode := s.environment.first("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"); {
	case s.environment.first("AWS_EC2_METADATA_SERVICE_ENDPOINT") != "":
		o.Endpoint = s.environment.first("AWS_EC2_METADATA_SERVICE_ENDPOINT")
	case p.EC2IMDSEndpoint != "":
		o.Endpoint = p.EC2IMDSEndpoint
	case strings.EqualFold(mode, "IPv6"), mode == "" && p.EC2IMDSEndpointMode == imds.EndpointModeStateIPv6:
		o.Endpoint = instanceIPv6
	}
	off, set, err := s.environment.flag("AWS_EC2_METADATA_V1_DISABLED")
	if err != nil {
		return nil, err
	}
	if set && off || !set && p.EC2IMDSv1Disabled != nil && *p.EC2IMDSv1Disabled {
		o.EnableFallback = aws.FalseTernary
	}
	return ec2rolecreds.New(func(e *ec2rolecreds.Options) { e.Client = imds.New(o) }), nil
}
