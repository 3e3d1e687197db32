// Package mssqltest is a stand-in for Microsoft SQL Server, for tests: a server that speaks TDS 7.3 to 8.0 over real
// TLS to real clients, and enough T-SQL, over tables in memory, for a table of keys.
//
// What it checks: which statements, parameter names, types and values arrive on the wire; the limits of columns and of
// index keys; loss in VARCHAR, in DATETIME and in time zones; which ids a collation takes for the same; comparisons
// that convert a column, so that no index serves them; what a client does about errors, cut connections, slow answers,
// refused logins, routing and restarts.
//
// What it cannot check: plans, locks and isolation (one transaction runs at a time), the full tables of a collation
// (collation.go says which folds there are), statements outside of its T-SQL (refused with error 50000), integrated
// authentication, MARS, and time. Where it matters the same tests run against a real server.
package mssqltest
