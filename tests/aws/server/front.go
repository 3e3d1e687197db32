package main

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"

	"github.com/libasherah/libasherah/internal/kms/awstest"
)

// newFront starts a server of plain HTTP that stands for every region: a request is for the one that it is signed for.
func newFront(cloud *awstest.Cloud) *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		regions := cloud.Regions()
		_, scope, _ := strings.Cut(req.Header.Get("Authorization"), "Credential=")
		name := regions[0] // which refuses what is not signed
		if parts := strings.Split(scope, "/"); len(parts) > 2 && slices.Contains(regions, parts[2]) {
			name = parts[2]
		}
		cloud.Region(name).ServeHTTP(w, req)
	}))
}
