-- What the other tests use: tokens of the service of tests/hessra/vectors, and files with its key, which the server
-- writes itself, since it reads none that another user owns.
\set ECHO errors
SET client_min_messages = warning;
CREATE TABLE tokens (name text PRIMARY KEY, token text);
INSERT INTO tokens VALUES ('read',
    'EpwCCqgBChJ1cmk6dXJuOnRlc3Q6bWFydGEKBm9yZGVycwoHc3ViamVjdAoDc3ViCgNyZXMKAm9wGAMiEgoQCAQSAxiACBIDGIEIEgIYADI1Cj'
    'MKAggbEggIgggSAwiDCBIHCAISAwiECBIHCAMSAwiFCBIRCAQSAwiDCBIDCIQIEgMIhQgyJgokCgIIGxIGCAUSAggFGhYKBAoCCAUKCAoGEICu'
    'maQPCgQaAggAEiQIABIgEg3mSWiLo_1Z8-Ua_STSXK_NHknwb-U392f-MdaZ8TYaRzBFAiB2s03HHfBO1UDJWeB7gkeW4FUV8Mux2REiSxyziO'
    'fENAIhAISGF8JQqz1ffK6ZBUqe0DppJaDYShl7Tx-oN3wIcDjKKAEiIgogOM5L2BcJF8DgalgV8tf-7VISEeeU1x4eOCvk7rMjWu8=');
INSERT INTO tokens VALUES ('select',
    'EqkCCrQBChJ1cmk6dXJuOnRlc3Q6bWFydGEKCWN1c3RvbWVycwoGc2VsZWN0CgdzdWJqZWN0CgNzdWIKA3JlcwoCb3AYAyITChEIBBIDGIAIEg'
    'MYgQgSAxiCCDI1CjMKAggbEggIgwgSAwiECBIHCAISAwiFCBIHCAMSAwiGCBIRCAQSAwiECBIDCIUIEgMIhggyJgokCgIIGxIGCAUSAggFGhYK'
    'BAoCCAUKCAoGEICumaQPCgQaAggAEiQIABIgTNqc3CsCk1FY2ZGJcy1b3ylv64gbeHWDNUoeGDSv8SsaSDBGAiEA9l7FCn7nioVHdE6Y3mRgow'
    'e9CEhqnKAMj3xJRj6hv10CIQC3ds_clasIa1Aqn4_KJuaw2jF29NGSxXDn2aSANkNlECgBIiIKIGqkfoJ-Cup2DlIHHNuN3t21WsuFSWaE1qdL'
    'Do5PiBRl');
INSERT INTO tokens VALUES ('expired',
    'Es4BCloKEnVyaTp1cm46dGVzdDptYXJ0YQoGb3JkZXJzGAMiEgoQCAQSAxiACBIDGIEIEgIYADImCiQKAggbEgYIBRICCAUaFgoECgIIBQoICg'
    'YQheznsgYKBBoCCAASJAgAEiBjVAI--j2j0tfp4oSDIMnxyxkKI0yRcCTTKP0_G7hbRRpIMEYCIQCHFEoGiWibN0d90Kx0DO01kFKSjnFpafay'
    '6tTxvFJjlgIhAJGFgkiCSkuCuNcA-UKJ5-ICRezWfDINtx9E9renui0GKAEiIgog6JDIg_2pngX514WGNoaNa67bFHxhTAsXLs3chBsj9IQ=');
INSERT INTO tokens VALUES ('other key',
    'EqMCCq8BChZ1cmk6dXJuOnRlc3Q6YXJnby1jbGkxCglyZXNvdXJjZTIKB3N1YmplY3QKA3N1YgoDcmVzCgJvcBgDIhIKEAgEEgMYgAgSAxiBCB'
    'ICGAAyNQozCgIIGxIICIIIEgMIgwgSBwgCEgMIhAgSBwgDEgMIhQgSEQgEEgMIgwgSAwiECBIDCIUIMiYKJAoCCBsSBggFEgIIBRoWCgQKAggF'
    'CggKBhDIv_WnEgoEGgIIABIkCAASIB9XEjU-uqKiLfTqSWq2n7l0Hy0jmmZyJwpar0Ke3vBiGkcwRQIgR52pYPO2N04KWoSWmsDA8zNC4TAHyG'
    '-NAdy3jTfdLncCIQDqwJgFVuElgTkxP5D8DCJWI9mCzYADfRpHWuVnoKODLigBIiIKIPPJIexgyGXJsJrVqILrWkbBdiO4gbTQDsQ5bohaEyh6');
INSERT INTO tokens VALUES ('long',
    'EpEECp4DChZ1cmk6dXJuOnRlc3Q6YXJnby1jbGkxCg1vcmRlcl9zZXJ2aWNlCgFzCgxhdXRoX3NlcnZpY2UKD3BheW1lbnRfc2VydmljZQoHc3'
    'ViamVjdAoDc3ViCgNyZXMKAm9wGAQiEgoQCAQSAxiACBIDGIEIEgIYACobCgwIGBIDCIIIEgMYgwgSBwgMEgMIgggiAhAAKhsKDAgYEgMIgggS'
    'AxiECBIHCAwSAwiCCCICEAEqGwoMCBgSAwiCCBIDGIEIEgcIDBIDCIIIIgIQAjI1CjMKAggbEggIhQgSAwiGCBIHCAISAwiHCBIHCAMSAwiICB'
    'IRCAQSAwiGCBIDCIcIEgMIiAgyJgokCgIIGxIGCAUSAggFGhYKBAoCCAUKCAoGEMm_9acSCgQaAggAQiQIABIg5XYYBYsdLgOBqYE8FAWDDV7X'
    '1gNxc4TvVV2cwM-mXYNCJAgAEiB470JVxMmrXHGG1ttHYHWLBmFsBColODI647BYCUA0tkIkCAASIBrrxabu_FaQUZJqaq9VVo5T7bR18vLrkE'
    'UiYJOR2IETEiQIABIgn3ph1XQ0lXcQ-kwmZupzQnpDM4NbnK95R5x5DM8mmP4aRjBEAiB5LtLmUUZFLh1Jepeb5nO2SOnU0T4fwHg_Ks9CvG_4'
    'UgIgOxf7hXnMPWMAhp8WqxaYnyoNp7GMtUrPqqA3ZwUUC1QoASIiCiCgUAzGdzjDdMMpKfkh3-qWg15GHrNul0mIizyCj51qgw==');
-- A character in the middle of the payload, and one of the signature, are others.
INSERT INTO tokens SELECT 'altered', overlay(token PLACING 'Z' FROM 60 FOR 1) FROM tokens WHERE name = 'read';
INSERT INTO tokens SELECT 'resigned', overlay(token PLACING 'ZZ' FROM 330 FOR 2) FROM tokens WHERE name = 'read';
INSERT INTO tokens SELECT 'cut', left(token, 200) FROM tokens WHERE name = 'read';

CREATE TABLE keys (name text PRIMARY KEY, pem text[]);
INSERT INTO keys VALUES ('service', ARRAY[
    '-----BEGIN PUBLIC KEY-----',
    'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqBfFexAgQAgve2lKP4vgpEftMrhQ',
    'Vp51bPaWuvXvf98B6FfNiS0LGM7zgtgOjHYMwF3l95PMtUpRfmWR252WPQ==',
    '-----END PUBLIC KEY-----']);
INSERT INTO keys VALUES ('other', ARRAY[
    '-----BEGIN PUBLIC KEY-----',
    'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEGAUzRTY2LVRR8yzO+45XybYb4sQl',
    'fWzpanBaJK86c5ebg+UV4vhfR/0H4IzPpTaiHPEPH9Y6WZB0O0Ixb1u9vQ==',
    '-----END PUBLIC KEY-----']);

-- The lines of a configuration with a key.
CREATE VIEW configuration AS
  SELECT name, unnest(ARRAY['public_key = """'] || pem || ARRAY['"""']) AS line FROM keys;

SELECT current_setting('data_directory') || '/hessra_test' AS file \gset
\set config :file '.toml'
\set other :file '_other.toml'
COPY (SELECT line FROM configuration WHERE name = 'service') TO :'config';
COPY (SELECT line FROM configuration WHERE name = 'other') TO :'other';
ALTER DATABASE :DBNAME SET hessra.config_path = :'config';
\set ECHO all
SELECT name, length(token) FROM tokens ORDER BY name;
