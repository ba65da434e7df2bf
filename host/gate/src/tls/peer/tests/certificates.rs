//! Certificates made for these tests; nobody has their keys any more.

/// Common name `billing`, and one name of each kind.
pub(super) const ONE: &str = "\
-----BEGIN CERTIFICATE-----
MIIBSzCB/qADAgECAgEBMAUGAytlcDAkMRAwDgYDVQQKDAdFeGFtcGxlMRAwDgYD
VQQDDAdiaWxsaW5nMB4XDTI2MDEwMTAwMDAwMFoXDTM2MDEwMTAwMDAwMFowJDEQ
MA4GA1UECgwHRXhhbXBsZTEQMA4GA1UEAwwHYmlsbGluZzAqMAUGAytlcAMhAAa3
yaivSfpYE5+nnlODlpTlehf7wr4JWpNEqVnlceOmo1UwUzBRBgNVHREESjBIhhxz
cGlmZmU6Ly9leGFtcGxlLm9yZy9iaWxsaW5nghNiaWxsaW5nLmV4YW1wbGUub3Jn
gRNiaWxsaW5nQGV4YW1wbGUub3JnMAUGAytlcANBAKWme7s7tgmxC/uOYlNaieKa
x3z0afx2UIDxCBc8qHmr4LvlwtgcviqoF6R2nEnHpPo9Iy9jGObhzMbG/EDHhgA=
-----END CERTIFICATE-----
";

/// Common names `billing` and `admin`, two host names, one URI.
pub(super) const SEVERAL: &str = "\
-----BEGIN CERTIFICATE-----
MIIBWjCCAQygAwIBAgIBATAFBgMrZXAwNDEQMA4GA1UECgwHRXhhbXBsZTEQMA4G
A1UEAwwHYmlsbGluZzEOMAwGA1UEAwwFYWRtaW4wHhcNMjYwMTAxMDAwMDAwWhcN
MzYwMTAxMDAwMDAwWjA0MRAwDgYDVQQKDAdFeGFtcGxlMRAwDgYDVQQDDAdiaWxs
aW5nMQ4wDAYDVQQDDAVhZG1pbjAqMAUGAytlcAMhABJsOz6Yxvzq01Q0myKkpMt/
hIAUjlnVAD7AC3xIkmkgo0MwQTA/BgNVHREEODA2gg1hLmV4YW1wbGUub3Jngg1i
LmV4YW1wbGUub3JnhhZzcGlmZmU6Ly9leGFtcGxlLm9yZy9hMAUGAytlcANBAH8g
hu8/iFZECCdu6MG2cxug1dpwL3pbBuoOoiVWxuwHUuUGoN66UZ2FWyFOpK0Be/jt
rCs+3/sLJTKFl4bw1g0=
-----END CERTIFICATE-----
";

/// A common name of two lines, and no other name.
pub(super) const ODD: &str = "\
-----BEGIN CERTIFICATE-----
MIH2MIGpoAMCAQICAQEwBQYDK2VwMCUxEDAOBgNVBAoMB0V4YW1wbGUxETAPBgNV
BAMMCGJpbApsaW5nMB4XDTI2MDEwMTAwMDAwMFoXDTM2MDEwMTAwMDAwMFowJTEQ
MA4GA1UECgwHRXhhbXBsZTERMA8GA1UEAwwIYmlsCmxpbmcwKjAFBgMrZXADIQCT
Z+juD5s4HY8q/kTbyYIyNY/GPI2ZSYzUrjYMJf21+TAFBgMrZXADQQDY9qHkuGgT
wwVqmQ9ZCecroJzdn95LIM+fCrG53fivLki/9bz9Axe/iVh+Y5eDta9kkZJeisuL
Ljivg9ERxyMA
-----END CERTIFICATE-----
";
