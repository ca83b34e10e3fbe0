using MlOps.Edge.Contracts;

namespace MlOps.Edge.Cloud.Registry;

/// <summary>The key that signs models: ECDSA P-256. Devices pin its public part.</summary>
public interface IModelSigningKey
{
    /// <summary>SubjectPublicKeyInfo, PEM.</summary>
    string PublicKeyPem { get; }

    /// <summary>A signature bundle over a manifest and its ONNX file.</summary>
    /// <param name="subject">Model and version, e.g. <c>turbofan-rul:2</c>.</param>
    byte[] Sign(string subject, Sha256Digest manifest, Sha256Digest model);
}
