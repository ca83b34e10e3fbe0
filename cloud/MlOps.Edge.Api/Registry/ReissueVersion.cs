namespace MlOps.Edge.Api.Registry;

/// <summary>Who wants an older version back, and why: both go into the model's history.</summary>
internal sealed record ReissueVersion
{
    public required string By { get; init; }
    public required string Reason { get; init; }

    public (string Field, string Rule)? FirstBroken() => this switch
    {
        _ when string.IsNullOrWhiteSpace(By) => ("by", "say who asks for it"),
        _ when string.IsNullOrWhiteSpace(Reason) => ("reason", "say why; it goes into the model's history"),
        _ => null,
    };
}
