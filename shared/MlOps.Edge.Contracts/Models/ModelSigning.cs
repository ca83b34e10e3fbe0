using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MlOps.Edge.Contracts.Documents;

namespace MlOps.Edge.Contracts.Models;

/// <summary>Signs a model version (its manifest and its ONNX file) and checks such a signature.</summary>
public static class ModelSigning
{
    public const string ManifestFile = "manifest.json";
    public const string ModelFile = "model.onnx";

    /// <summary>SHA-256 of the key's SubjectPublicKeyInfo, hexadecimal.</summary>
    public static string KeyId(ECDsa key) => Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()));

    /// <param name="key">ECDSA P-256 with its private part.</param>
    /// <param name="modelName">The subject's name, e.g. <c>turbofan-rul:2</c>.</param>
    public static byte[] Sign(ECDsa key, string modelName, Sha256Digest manifest, Sha256Digest model)
    {
        var statement = new SignedStatement
        {
            Type = SignedStatement.StatementType,
            Subject = [new(modelName, new Dictionary<string, string> { ["sha256"] = Root(manifest, model).ToString() })],
            PredicateType = SignedStatement.ModelSigningPredicate,
            Predicate = new(new("files", "sha256", false), [
                new(ManifestFile, "sha256", manifest.ToString()),
                new(ModelFile, "sha256", model.ToString()),
            ]),
        };
        var payload = JsonSerializer.SerializeToUtf8Bytes(statement, ContractsJson.Default.SignedStatement);
        var signature = key.SignData(PreAuthenticationEncoding(payload), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        var bundle = new SignatureBundle
        {
            MediaType = SignatureBundle.BundleType,
            VerificationMaterial = new(new(KeyId(key))),
            DsseEnvelope = new(Convert.ToBase64String(payload), SignedStatement.PayloadType, [new(Convert.ToBase64String(signature), KeyId(key))]),
        };
        return JsonSerializer.SerializeToUtf8Bytes(bundle, ContractsJson.Default.SignatureBundle);
    }

    /// <summary>Checks that a trusted key signed exactly this manifest and this model file.</summary>
    /// <returns>null when it did; else the reason, in plain words.</returns>
    public static string? Verify(ReadOnlySpan<byte> bundleJson, IReadOnlyList<ECDsa> trusted, Sha256Digest manifest, Sha256Digest model)
    {
        SignatureBundle? bundle;
        byte[] payload, signature;
        try
        {
            bundle = JsonSerializer.Deserialize(bundleJson, ContractsJson.Default.SignatureBundle);
            if (bundle is not { MediaType: SignatureBundle.BundleType, DsseEnvelope: { PayloadType: SignedStatement.PayloadType, Signatures: [var only] } })
            {
                return "the signature is not a Sigstore bundle with one DSSE signature over an in-toto statement";
            }

            payload = Convert.FromBase64String(bundle.DsseEnvelope.Payload);
            signature = Convert.FromBase64String(only.Sig);
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            return "the signature is not readable: " + e.Message;
        }

        // The key id is only a hint: what counts is that one of the pinned keys verifies.
        var signed = PreAuthenticationEncoding(payload);
        if (!trusted.Any(key => key.VerifyData(signed, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)))
        {
            return "the signature is not from a trusted key";
        }

        return StatementCovers(payload, manifest, model);
    }

    private static string? StatementCovers(byte[] payload, Sha256Digest manifest, Sha256Digest model)
    {
        SignedStatement? statement;
        try
        {
            statement = JsonSerializer.Deserialize(payload, ContractsJson.Default.SignedStatement);
        }
        catch (JsonException e)
        {
            return "the signed statement is not readable: " + e.Message;
        }

        if (statement is not { Type: SignedStatement.StatementType, PredicateType: SignedStatement.ModelSigningPredicate })
        {
            return "the signed statement is not an OpenSSF model signature";
        }

        if (Digest(statement, ManifestFile) != manifest.ToString())
        {
            return "the signature is for another manifest";
        }

        if (Digest(statement, ModelFile) != model.ToString())
        {
            return "the signature is for another model file";
        }

        var root = Root(manifest, model).ToString();
        return statement.Subject is [var subject] && subject.Digest.TryGetValue("sha256", out var digest) && digest == root
            ? null
            : "the signed statement's subject is not the hash of its resources";
    }

    private static string? Digest(SignedStatement statement, string file) =>
        statement.Predicate.Resources.SingleOrDefault(r => r.Name == file && r.Algorithm == "sha256")?.Digest;

    // model-signing 1.0: the subject is the SHA-256 over the concatenated digests of the resources, ordered by name.
    private static Sha256Digest Root(Sha256Digest manifest, Sha256Digest model) => Sha256Digest.Of([.. manifest.ToHash(), .. model.ToHash()]);

    // DSSE v1: "DSSEv1" SP LEN(type) SP type SP LEN(body) SP body, lengths in ASCII decimal.
    private static byte[] PreAuthenticationEncoding(byte[] payload)
    {
        var type = SignedStatement.PayloadType;
        var head = string.Create(CultureInfo.InvariantCulture, $"DSSEv1 {type.Length} {type} {payload.Length} ");
        return [.. Encoding.ASCII.GetBytes(head), .. payload];
    }
}
