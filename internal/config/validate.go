package config

import "strings"

// validate looks at what fields mean together, and settles on one of several names for the same thing.
func (s *settings) validate(needs Needs) error {
	for i := range fields {
		f := &fields[i]
		if text, ok := f.into(s).(*string); ok && needs&f.required != 0 && *text == "" {
			return refuse("configuration field %s is missing or empty%s", f.name, hint(f))
		}
	}
	s.metastore = strings.TrimPrefix(s.metastore, "test-debug-")
	if needs&Metastore != 0 {
		if err := s.validateMetastore(); err != nil {
			return err
		}
	}
	if needs&KMS != 0 {
		if err := s.validateKMS(); err != nil {
			return err
		}
	}
	if s.enableRegionSuffix && s.regionSuffix == "" && s.metastore != "dynamodb" {
		warn("configuration field EnableRegionSuffix has no effect on this metastore; RegionSuffix has")
	}
	return nil
}

// hint names the environment variable of a field that is missing.
func hint(f *field) string {
	if len(f.env) == 0 {
		return ""
	}
	return " (environment variable " + f.env[0] + ")"
}
