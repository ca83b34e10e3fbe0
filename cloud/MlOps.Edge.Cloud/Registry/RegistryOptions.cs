using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace MlOps.Edge.Cloud.Registry;

/// <summary>The registry's own settings. Section <c>Registry</c>.</summary>
public sealed class RegistryOptions
{
    public const string Section = "Registry";

    /// <summary>The key that signs models: PEM, ECDSA P-256, readable by its owner only. Made at the first start. Default: <c>data/keys/model-signing.pem</c>.</summary>
    [Required]
    public string SigningKey { get; set; } = Path.Combine("data", "keys", "model-signing.pem");
}

[OptionsValidator]
internal sealed partial class RegistryOptionsValidator : IValidateOptions<RegistryOptions>;
