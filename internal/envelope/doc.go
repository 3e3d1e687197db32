// Package envelope is the domain of libasherah: the key hierarchy, sessions, and the formats of data row records (DRR)
// and envelope key records (EKR), as https://github.com/godaddy/asherah defines them.
//
// Every record is sealed under a data row key (DRK) of its own, which is sealed by the intermediate key (IK) of a
// partition, which is sealed by the system key (SK) of the service, which the KMS wraps. Sealing is AES-256-GCM without
// associated data; a sealed value is ciphertext || tag (16 bytes) || nonce (12 bytes).
package envelope
