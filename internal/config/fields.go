package config

// maxSeconds is the longest duration, about 292 years: what a time.Duration holds.
const maxSeconds = 9223372036

const (
	groupIdentity = "Identity"
	groupStore    = "Metastore"
	groupSQL      = "SQL databases"
	groupDynamoDB = "DynamoDB"
	groupKMS      = "KMS"
	groupAWS      = "AWS"
	groupVault    = "Vault"
	groupPolicy   = "Keys"
	groupSessions = "Sessions"
	groupProcess  = "Process"
	groupIgnored  = "Accepted without effect"
)

const (
	fromPolicy     = "of the policy"
	noLimit        = "no limit"
	noCaching      = "no caching"
	refused        = "refused"
	managedSession = "; the C# packages cache sessions themselves"
)

// fields is the table: everything that a configuration can say.
var fields = []field{
	{
		name: "ServiceName", env: []string{"SERVICE_NAME"}, into: func(s *settings) any { return &s.serviceName },
		required: Identity, anyText: true, group: groupIdentity,
		doc: "Service whose keys these are; part of every key id, taken verbatim.",
	},
	{
		name: "ProductID", env: []string{"PRODUCT_ID"}, into: func(s *settings) any { return &s.productID },
		required: Identity, anyText: true, group: groupIdentity,
		doc: "Product that the service belongs to; part of every key id, taken verbatim.",
	},
	{
		name: "RegionSuffix", env: []string{"REGION_SUFFIX"}, into: func(s *settings) any { return &s.regionSuffix },
		form: regionName, group: groupIdentity,
		doc: "Suffix of the key ids of this region, such as us-west-2. Letters, digits and hyphens.",
	},
	{
		name: "AllowEmptyPartition", env: []string{"ASHERAH_ALLOW_EMPTY_PARTITION"},
		into: func(s *settings) any { return &s.allowEmptyPartition }, def: false, group: groupIdentity,
		csharp: "AppContext switch `GoDaddy.Asherah.AllowEmptyPartition`",
		doc:    "Accept the empty partition id, for data that was written under it.",
	},

	{
		name: "Metastore", env: []string{"Metastore"}, into: func(s *settings) any { return &s.metastore },
		required: Metastore, group: groupStore,
		choices: []string{"memory", "sqlite", "rdbms", "dynamodb", "test-debug-memory", "test-debug-sqlite"},
		doc: "Where key records are kept. `memory` loses them with the factory. `rdbms` takes the kind of database " +
			"from ConnectionString. `test-debug-` names mean the plain ones.",
	},
	{
		name: "ConnectionString",
		env:  []string{"CONNECTION_STRING", "SQLITE_PATH", "POSTGRES_URL", "MYSQL_URL", "MSSQL_URL"},
		into: func(s *settings) any { return &s.connectionString }, secret: true, most: 8192, group: groupStore,
		when: usesSQL,
		implies: map[string]implied{
			"SQLITE_PATH": {"sqlite", ""}, "POSTGRES_URL": {"rdbms", "postgres"}, "MYSQL_URL": {"rdbms", "mysql"},
			"MSSQL_URL": {"rdbms", "mssql"},
		},
		doc: "For `sqlite`: path of the file, or `sqlite://` and the path. For `rdbms`: a URL that begins with `sqlserver://`, " +
			"`mssql://`, `postgres://`, `postgresql://`, `mysql://` or `sqlite://`, or another form that clients of the " +
			"database take, with SQLMetastoreDBType: see docs/sql-server.md and docs/postgresql-mysql.md.",
	},
	{
		name: "SQLiteCreate", env: []string{"SQLITE_CREATE"}, into: func(s *settings) any { return &s.sqliteCreate },
		def: true, group: groupStore, when: usesSQL,
		doc: "Make the file and its table `encryption_key` where they are missing; otherwise that is an error.",
	},

	{
		name: "SQLMetastoreDBType", env: []string{"SQL_METASTORE_DB_TYPE"},
		into: func(s *settings) any { return &s.sqlMetastoreDBType }, cobhanDef: "mysql",
		choices: []string{"sqlite", "mysql", "mariadb", "postgres", "postgresql", "mssql", "sqlserver"}, group: groupSQL,
		when: usesSQL,
		doc:  "Kind of database, where ConnectionString does not show it.",
	},
	{
		name: "ReplicaReadConsistency", env: []string{"REPLICA_READ_CONSISTENCY"},
		into:    func(s *settings) any { return &s.replicaReadConsistency },
		choices: []string{"eventual", "global", "session"}, group: groupSQL, when: usesSQL,
		doc: "Consistency of reads from an Aurora replica with write forwarding.",
	},
	{
		name: "PoolMaxOpen", env: []string{"ASHERAH_POOL_MAX_OPEN", "ASHERAH_POOL_SIZE"},
		into: func(s *settings) any { return &s.poolMaxOpen }, def: int64(20), most: 100000, unit: "connections",
		zero: noLimit, group: groupSQL, when: usesSQL, doc: "Most connections at a time. Where this and the next three are absent, a connection string may say it.",
	},
	{
		name: "PoolMaxIdle", env: []string{"ASHERAH_POOL_MAX_IDLE"},
		into: func(s *settings) any { return &s.poolMaxIdle },
		def:  int64(20), most: 100000, unit: "connections", zero: "none are kept", group: groupSQL, when: usesSQL,
		doc: "Most idle connections that are kept.",
	},
	{
		name: "PoolMaxLifetime", env: []string{"ASHERAH_POOL_MAX_LIFETIME"},
		into: func(s *settings) any { return &s.poolMaxLifetime }, def: int64(1800), most: maxSeconds, unit: "s",
		zero: noLimit, group: groupSQL, when: usesSQL, doc: "Age at which a connection is replaced.",
	},
	{
		name: "PoolMaxIdleTime", env: []string{"ASHERAH_POOL_MAX_IDLE_TIME"},
		into: func(s *settings) any { return &s.poolMaxIdleTime }, def: int64(240), most: maxSeconds, unit: "s",
		zero: noLimit, group: groupSQL, when: usesSQL, doc: "Time after which an idle connection is closed.",
	},

	{
		name: "QueryTimeoutMs", env: []string{"ASHERAH_QUERY_TIMEOUT_MS"},
		into: func(s *settings) any { return &s.queryTimeoutMs }, def: int64(10000), most: 86400000, unit: "ms",
		zero: noLimit, group: groupSQL, when: usesSQL, doc: "Longest time of one attempt of one statement.",
	},
	{
		name: "QueryRetryMs", env: []string{"ASHERAH_QUERY_RETRY_MS"},
		into: func(s *settings) any { return &s.queryRetryMs }, def: int64(5000), most: 86400000, unit: "ms",
		zero: "one attempt", group: groupSQL, when: usesSQL,
		doc: "How long a statement is repeated after errors that pass by themselves: a lost connection, a deadlock, a " +
			"server that starts.",
	},
	{
		name: "LocalTimeZone", env: []string{"ASHERAH_LOCAL_TIME_ZONE"},
		into: func(s *settings) any { return &s.localTimeZone }, group: groupSQL, when: usesSQL,
		doc: "Name of the time zone, such as Europe/Berlin, of a client that wrote created as its local time. Such rows " +
			"are read besides those in UTC.",
	},

	{
		name: "DynamoDBTableName", env: []string{"DDB_TABLE"},
		into: func(s *settings) any { return &s.dynamoDBTableName },
		def:  "EncryptionKey", group: groupDynamoDB,
		when: usesDynamoDB, implies: map[string]implied{"DDB_TABLE": {"dynamodb", ""}},
		doc: "Table of the key records.",
	},
	{
		name: "DynamoDBRegion", env: []string{"AWS_REGION"}, into: func(s *settings) any { return &s.dynamoDBRegion },
		group: groupDynamoDB, when: usesDynamoDB, doc: "Region of the table; without it what the AWS SDK's chain finds.",
	},
	{
		name: "DynamoDBSigningRegion", into: func(s *settings) any { return &s.dynamoDBSigningRegion },
		group: groupDynamoDB, when: usesDynamoDB, doc: "Region that requests are signed for, where another.",
	},
	{
		name: "DynamoDBEndpoint", env: []string{"AWS_ENDPOINT_URL"},
		into: func(s *settings) any { return &s.dynamoDBEndpoint }, group: groupDynamoDB, when: usesDynamoDB,
		doc: "URL to use in place of the region's.",
	},
	{
		name: "EnableRegionSuffix", env: []string{"DDB_REGION_SUFFIX"},
		into: func(s *settings) any { return &s.enableRegionSuffix }, def: false, group: groupDynamoDB,
		when: usesDynamoDB,
		doc:  "Use the table's region as RegionSuffix. Other metastores take RegionSuffix only.",
	},
	{
		name: "KMS", env: []string{"KMS"}, into: func(s *settings) any { return &s.kms }, def: "static",
		cobhanDef: "aws", group: groupKMS,
		choices: []string{"static", "aws", "secrets-manager", "vault", "vault-transit", "test-debug-static"}, csharp: "none",
		doc: "Who wraps system keys. `static` needs one of the two fields below. `test-debug-static` uses a published " +

			"key, protects nothing, and is for tests.",
	},
	{
		name: "StaticMasterKeyHex", env: []string{"STATIC_MASTER_KEY_HEX"},
		into: func(s *settings) any { return &s.staticMasterKeyHex }, secret: true, form: keyInHex, most: 64,
		group: groupKMS, when: usesStatic, doc: "Master key of `static`: 64 hex digits.",
	},
	{
		name: "StaticMasterKey", env: []string{"STATIC_MASTER_KEY"},
		into: func(s *settings) any { return &s.staticMasterKey }, secret: true, form: keyAsText, most: 32,
		group: groupKMS, when: usesStatic, doc: "Master key of `static`: a text of exactly 32 bytes of UTF-8.",
	},

	{
		name: "AwsProfileName", into: func(s *settings) any { return &s.awsProfileName }, group: groupAWS, when: usesAWS,
		doc: "Profile of the AWS configuration files to take credentials and region from, before credentials in the " +
			"environment. AWS_PROFILE has its usual meaning: see docs/aws-kms.md.",
	},
	{
		name: "AwsAccessKeyId", into: func(s *settings) any { return &s.awsAccessKeyID }, secret: true,
		group: groupAWS, when: usesAWS,
		doc: "Credentials to use in place of what the AWS SDK's chain finds. From the environment this chain takes them itself.",
	},
	{
		name: "AwsSecretAccessKey", into: func(s *settings) any { return &s.awsSecretAccessKey }, secret: true,
		group: groupAWS, when: usesAWS, doc: "Belongs to AwsAccessKeyId.",
	},
	{
		name: "AwsSessionToken", into: func(s *settings) any { return &s.awsSessionToken }, secret: true, most: 16384,
		group: groupAWS, when: usesAWS, doc: "Of temporary credentials; belongs to AwsAccessKeyId.",
	},
	{
		name: "RegionMap", env: []string{"REGION_MAP"},
		into: func(s *settings) any { return &s.regionMap }, secret: true,
		group: groupAWS, when: usesAWS,
		doc: "Of KMS `aws`: region to ARN of a key or an alias, for every region that wraps system keys, in the order in " +
			"which they are asked after PreferredRegion.",
	},
	{
		name: "PreferredRegion", env: []string{"PREFERRED_REGION"},
		into: func(s *settings) any { return &s.preferredRegion }, group: groupAWS, when: usesAWS,
		doc: "Region of RegionMap to ask first. With KmsKeyId or SecretsManagerSecretId, the region where that is.",
	},
	{
		name: "KmsKeyId", env: []string{"KMS_KEY_ID"}, into: func(s *settings) any { return &s.kmsKeyID }, secret: true,
		group: groupAWS, when: usesAWS, doc: "Id, alias or ARN of the key, for a single region without RegionMap.",
	},
	{
		name: "KmsRequireAllRegions", env: []string{"KMS_REQUIRE_ALL_REGIONS"},
		into: func(s *settings) any { return &s.kmsRequireAllRegions }, def: false, group: groupAWS, when: usesAWS,
		doc: "Refuse to make a system key when a region of RegionMap cannot wrap it. Otherwise that region is left out.",
	},
	{
		name: "KmsAnyKey", env: []string{"KMS_ANY_KEY"}, into: func(s *settings) any { return &s.kmsAnyKey }, def: false,
		group: groupAWS, when: usesAWS,
		doc: "Open what another key than the configured one of a region has wrapped, if the credentials may use it: for key " +
			"records from before RegionMap was changed.",
	},
	{
		name: "KmsEndpoint", env: []string{"KMS_ENDPOINT"}, into: func(s *settings) any { return &s.kmsEndpoint },
		group: groupAWS, when: usesAWS, doc: "URL to use in place of that of every region's KMS, or of Secrets Manager.",
	},
	{
		name: "KmsEndpoints", env: []string{"KMS_ENDPOINTS"}, into: func(s *settings) any { return &s.kmsEndpoints },
		group: groupAWS, when: usesAWS, doc: "Region to URL, in place of the KMS of single regions: VPC endpoints.",
	},
	{
		name: "KmsAttemptTimeoutMs", env: []string{"KMS_ATTEMPT_TIMEOUT_MS"},
		into: func(s *settings) any { return &s.kmsAttemptTimeoutMs }, def: int64(1500), least: 1, most: 600000, unit: "ms",
		zero: refused, group: groupAWS, when: usesNetworkKMS,
		doc: "Longest time of one request to AWS KMS, Secrets Manager or Vault.",
	},
	{
		name: "KmsTimeoutMs", env: []string{"KMS_TIMEOUT_MS"},
		into: func(s *settings) any { return &s.kmsTimeoutMs }, def: int64(6000), least: 1, most: 600000, unit: "ms",
		zero: refused, group: groupAWS, when: usesNetworkKMS, doc: "Longest time of all requests for one key.",
	},
	{
		name: "KmsHedgeDelayMs", env: []string{"KMS_HEDGE_DELAY_MS"},
		into: func(s *settings) any { return &s.kmsHedgeDelayMs }, def: int64(300), least: 1, most: 600000, unit: "ms",
		zero: refused, group: groupAWS, when: usesAWS,
		doc: "Time after which the next region is asked beside one that has not answered.",
	},
	{
		name: "SecretsManagerSecretId", env: []string{"SECRETS_MANAGER_SECRET_ID"},
		into: func(s *settings) any { return &s.secretsManagerSecretID }, secret: true, group: groupAWS, when: usesAWS,
		doc: "Of KMS `secrets-manager`: name or ARN of the secret that holds the master key, as 64 hex digits or 32 bytes of " +
			"binary. It is fetched when the factory is made, from PreferredRegion, or the region of the ARN or of AWS_REGION.",
	},

	{
		name: "VaultAddr", env: []string{"VAULT_ADDR"}, into: func(s *settings) any { return &s.vaultAddr },
		group: groupVault, when: usesVault, doc: "URL of the server, such as https://host:8200. Plain http is a warning unless the server is on this machine.",
	},
	{
		name: "VaultTransitKey", env: []string{"VAULT_TRANSIT_KEY"},
		into: func(s *settings) any { return &s.vaultTransitKey }, group: groupVault, when: usesVault,
		doc: "Name of the transit key.",
	},
	{
		name: "VaultTransitMount", env: []string{"VAULT_TRANSIT_MOUNT"},
		into: func(s *settings) any { return &s.vaultTransitMount }, def: "transit", group: groupVault, when: usesVault,
		doc: "Path of the transit engine.",
	},
	{
		name: "VaultNamespace", env: []string{"VAULT_NAMESPACE"},
		into: func(s *settings) any { return &s.vaultNamespace }, group: groupVault, when: usesVault,
		doc: "Namespace of Vault Enterprise.",
	},
	{
		name: "VaultCACert", env: []string{"VAULT_CACERT"}, into: func(s *settings) any { return &s.vaultCACert },
		group: groupVault, when: usesVault,
		doc: "Path of a PEM file with the authorities to trust in place of the system's.",
	},
	{
		name: "VaultToken", env: []string{"VAULT_TOKEN"}, into: func(s *settings) any { return &s.vaultToken },
		secret: true, most: 8192, group: groupVault, when: usesVault, doc: "Token, where that is how to log in.",
	},
	{
		name: "VaultAuthMethod", env: []string{"VAULT_AUTH_METHOD"},
		into: func(s *settings) any { return &s.vaultAuthMethod }, group: groupVault, when: usesVault,
		choices: []string{"token", "kubernetes", "approle", "cert"}, doc: "How to log in; without it by VaultToken.",
	},
	{
		name: "VaultAuthRole", env: []string{"VAULT_AUTH_ROLE"},
		into:  func(s *settings) any { return &s.vaultAuthRole },
		group: groupVault, when: usesVault, doc: "Role to log in as.",
	},
	{
		name: "VaultAuthMount", env: []string{"VAULT_AUTH_MOUNT"},
		into:  func(s *settings) any { return &s.vaultAuthMount },
		group: groupVault, when: usesVault, doc: "Path of the login method, if not its name.",
	},
	{
		name: "VaultApproleRoleId", env: []string{"VAULT_APPROLE_ROLE_ID"},
		into: func(s *settings) any { return &s.vaultAppRoleRoleID }, group: groupVault, when: usesVault,
		doc: "Role id of `approle`.",
	},
	{
		name: "VaultApproleSecretId", env: []string{"VAULT_APPROLE_SECRET_ID"},
		into: func(s *settings) any { return &s.vaultAppRoleSecretID }, secret: true, most: 8192, group: groupVault,
		when: usesVault, doc: "Secret id of `approle`.",
	},
	{
		name: "VaultClientCert", env: []string{"VAULT_CLIENT_CERT"},
		into: func(s *settings) any { return &s.vaultClientCert }, group: groupVault, when: usesVault,
		doc: "Path of the client certificate of `cert`, PEM.",
	},
	{
		name: "VaultClientKey", env: []string{"VAULT_CLIENT_KEY"},
		into: func(s *settings) any { return &s.vaultClientKey }, group: groupVault, when: usesVault,
		doc: "Path of the private key of `cert`, PEM.",
	},
	{
		name: "VaultK8sTokenPath", env: []string{"VAULT_K8S_TOKEN_PATH"},
		into: func(s *settings) any { return &s.vaultK8sTokenPath }, group: groupVault, when: usesVault,
		doc: "Path of the service account token of `kubernetes`; without it where Kubernetes puts it, " +
			"`/var/run/secrets/kubernetes.io/serviceaccount/token`.",
	},

	{
		name: "ExpireAfter", env: []string{"EXPIRE_AFTER_SECS"}, into: func(s *settings) any { return &s.expireAfter },
		def: int64(90 * 86400), least: 1, most: maxSeconds, unit: "s", zero: refused, group: groupPolicy,
		cobhanZero: true, nanoseconds: true, csharp: fromPolicy + "; never: 3153600000",
		doc: "Age at which a key is replaced for new records. Old records stay readable.",
	},
	{
		name: "CheckInterval", env: []string{"REVOKE_CHECK_INTERVAL_SECS"},
		into: func(s *settings) any { return &s.checkInterval }, def: int64(3600), least: 1, most: maxSeconds, unit: "s",

		zero: refused, group: groupPolicy, cobhanZero: true, nanoseconds: true, csharp: fromPolicy,
		doc: "Longest time that a cached key is used without asking the metastore whether it was revoked.",
	},
	{
		name: "RevokeCheckGrace", env: []string{"REVOKE_CHECK_GRACE_SECS"},
		into: func(s *settings) any { return &s.revokeCheckGrace }, def: int64(0), most: maxSeconds, unit: "s",
		zero: "none", group: groupPolicy,
		doc: "Time past CheckInterval that a cached key may still be used while the metastore cannot be asked.",
	},
	{
		name: "CreateDatePrecision", env: []string{"CREATE_DATE_PRECISION_SECS"},
		into: func(s *settings) any { return &s.createDatePrecision }, def: int64(60), least: 1, most: 86400, unit: "s",
		zero: refused, group: groupPolicy,
		doc: "Step to which a key's time of creation is rounded down, so that processes which make one at the same " +
			"time agree on it. Never more than ExpireAfter.",
	},
	{
		name: "RotationStrategy", env: []string{"ROTATION_STRATEGY"},
		into: func(s *settings) any { return &s.rotationStrategy }, def: "inline", choices: []string{"inline", "queued"},
		group: groupPolicy, csharp: fromPolicy,
		doc: "How an expired key is replaced: `inline` by the call that meets it; `queued` in the background, while it goes " +
			"on being used. Revoked and used-up keys are always replaced inline.",
	},
	{
		name: "NotifyExpiredSystemKeyOnRead", env: []string{"NOTIFY_EXPIRED_SYSTEM_KEY_ON_READ"},
		into: func(s *settings) any { return &s.notifyExpiredSystemKey }, def: false, group: groupPolicy, csharp: fromPolicy,
		doc: "Write a log line when an expired system key is used for decryption. It is of level info, which " +
			"`asherah_set_log_hook()` does not give: it begins at warnings.",
	},
	{
		name: "NotifyExpiredIntermediateKeyOnRead", env: []string{"NOTIFY_EXPIRED_INTERMEDIATE_KEY_ON_READ"},
		into: func(s *settings) any { return &s.notifyExpiredIntermediateKey }, def: false, group: groupPolicy,
		csharp: fromPolicy, doc: "The same for intermediate keys, of level info too.",
	},
	{
		name: "CacheSystemKeys", env: []string{"CACHE_SYSTEM_KEYS"},
		into: func(s *settings) any { return &s.cacheSystemKeys }, def: true, group: groupPolicy, csharp: fromPolicy,
		doc: "Keep system keys, in locked memory.",
	},
	{
		name: "CacheIntermediateKeys", env: []string{"CACHE_INTERMEDIATE_KEYS"},
		into: func(s *settings) any { return &s.cacheIntermediateKeys }, def: true,
		group: groupPolicy, csharp: fromPolicy,
		doc: "Keep intermediate keys, in locked memory.",
	},
	{
		name: "SystemKeyCacheMaxSize", env: []string{"SYSTEM_KEY_CACHE_MAX_SIZE"},
		into: func(s *settings) any { return &s.systemKeyCacheMaxSize }, def: int64(1000), most: 1 << 24, unit: "keys",
		zero: noCaching, group: groupPolicy, doc: "Most system keys that are kept.",
	},
	{
		name: "IntermediateKeyCacheMaxSize", env: []string{"INTERMEDIATE_KEY_CACHE_MAX_SIZE"},
		into: func(s *settings) any { return &s.intermediateKeyCacheMaxSize }, def: int64(1000), most: 1 << 24,
		unit: "keys", zero: noCaching, group: groupPolicy,
		doc: "Most intermediate keys that are kept: about one for each partition in use.",
	},

	{
		name: "EnableSessionCaching", env: []string{"SESSION_CACHE"},
		into: func(s *settings) any { return &s.enableSessionCaching }, def: true,
		group: groupSessions, cobhanDef: false,
		csharp: "false" + managedSession, doc: "Keep closed sessions for the next one who asks for the partition.",
	},
	{
		name: "SessionCacheMaxSize", env: []string{"SESSION_CACHE_MAX_SIZE"},
		into: func(s *settings) any { return &s.sessionCacheMaxSize }, def: int64(1000), most: 1<<32 - 1, unit: "sessions",

		zero: noCaching, group: groupSessions, cobhanZero: true, csharp: fromPolicy + managedSession,
		doc: "Most sessions that are kept.",
	},
	{
		name: "SessionCacheDuration", env: []string{"SESSION_CACHE_DURATION_SECS"},
		into: func(s *settings) any { return &s.sessionCacheDuration }, def: int64(7200), most: maxSeconds, unit: "s",
		zero: noCaching, group: groupSessions, cobhanZero: true, nanoseconds: true, csharp: fromPolicy + managedSession,
		doc: "Time that a session is kept.",
	},

	{
		name: "LockedMemory", env: []string{"ASHERAH_LOCKED_MEMORY"},
		into: func(s *settings) any { return &s.lockedMemory },
		def:  "prefer", choices: []string{"prefer", "require", "off"}, group: groupProcess,
		doc: "When the system refuses to lock memory for keys: `prefer` goes on, warns and counts; `require` is an error; " +

			"`off` does not lock.",
	},
	{
		name: "TimeoutMs", env: []string{"ASHERAH_TIMEOUT_MS"}, into: func(s *settings) any { return &s.timeoutMs },
		def: int64(0), most: 86400000, unit: "ms", zero: noLimit, group: groupProcess,
		doc: "Longest time of a call that has to ask metastore or KMS.",
	},
	{
		name: "CallbackTimeoutMs", env: []string{"ASHERAH_CALLBACK_TIMEOUT_MS"},
		into: func(s *settings) any { return &s.callbackTimeoutMs }, def: int64(0), most: 86400000, unit: "ms",
		zero: "no limit, on the caller's thread", group: groupProcess,
		doc: "Longest time of one call of a metastore or KMS that the host supplies.",
	},
	{
		name: "Verbose", env: []string{"ASHERAH_VERBOSE"},
		into: func(s *settings) any { return &s.verbose }, def: false,
		group: groupProcess, doc: "Write log lines to standard error, from debug on, while no log hook is set.",
	},
	{
		name: "DriftGuard", env: []string{"ASHERAH_DRIFT_GUARD"},
		into: func(s *settings) any { return &s.driftGuard }, most: 128, group: groupProcess,
		doc: "Name of a deployment. Its first factory notes in the metastore, as hashes, what records depend on: ServiceName, " +
			"ProductID, the region suffix, the kind of KMS and the names of its keys (RegionMap or KmsKeyId; " +
			"SecretsManagerSecretId; VaultTransitMount and VaultTransitKey). A static master key, VaultAddr " +
			"and VaultNamespace are not in it. Later ones that differ are refused until the key record `_asherah_guard_<name>` is deleted.",
	},
	{
		name: "StrictConfig", into: func(s *settings) any { return &s.strictConfig }, def: false, group: groupProcess,
		csharp: "true", doc: "Refuse unknown fields. Otherwise they are a warning.",
	},

	{
		name: "DisableZeroCopy", into: func(s *settings) any { return &s.disableZeroCopy }, def: false,
		group: groupIgnored,
		doc:   "The library never keeps a caller's buffer.",
	},
	{
		name: "NullDataCheck", into: func(s *settings) any { return &s.nullDataCheck }, def: false, group: groupIgnored,
		doc: "A search for input of zeros.",
	},
	{
		name: "EnableCanaries", into: func(s *settings) any { return &s.enableCanaries }, def: false,
		group: groupIgnored,
		doc:   "Keys have canaries always.",
	},
}

func usesSQL(s *settings) bool {
	return s.metastore == "" || s.metastore == "sqlite" || s.metastore == "test-debug-sqlite" || s.metastore == "rdbms"
}

func usesDynamoDB(s *settings) bool { return s.metastore == "" || s.metastore == "dynamodb" }

func usesAWS(s *settings) bool {
	return s.metastore == "dynamodb" || s.kms == "aws" || s.kms == "secrets-manager"
}

func usesNetworkKMS(s *settings) bool { return usesAWS(s) || usesVault(s) }

func usesVault(s *settings) bool { return s.kms == "vault" || s.kms == "vault-transit" }

func usesStatic(s *settings) bool { return s.kms == "static" || s.kms == "test-debug-static" }
