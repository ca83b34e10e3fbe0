using System.Diagnostics.CodeAnalysis;

namespace MlOps.Edge.Contracts;

/// <summary>A model's name in the registry.</summary>
public readonly record struct ModelName : IParsable<ModelName>
{
    private readonly string? _value;

    private ModelName(string value) => _value = value;

    /// <exception cref="FormatException">The text is not a model name; the message states the rule.</exception>
    public static ModelName Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var id) ? id : throw new FormatException($"'{s}' is not a model name ({Slug.Rule}).");

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out ModelName result)
    {
        var valid = s is not null && Slug.IsValid(s);
        result = valid ? new ModelName(s!) : default;
        return valid;
    }

    public override string ToString() => _value ?? "";
}
