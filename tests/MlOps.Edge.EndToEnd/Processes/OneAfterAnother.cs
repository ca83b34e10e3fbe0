namespace MlOps.Edge.EndToEnd.Processes;

/// <summary>Tests that start processes run one after another: side by side they would only measure how busy the machine is.</summary>
[CollectionDefinition(Name)]
public sealed class OneAfterAnother
{
    public const string Name = "processes, one after another";
}
