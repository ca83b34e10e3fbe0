using System.Text.RegularExpressions;
using MlOps.Edge.Contracts.Documents;

namespace MlOps.Edge.Contracts.Tests.Documents;

/// <summary>docs/asyncapi.yaml names every field of every JSON document on the wire.</summary>
public sealed class AsyncApiTests
{
    public static TheoryData<string, Type> Schemas => new()
    {
        { "status", typeof(StatusDocument) },
        { "desired", typeof(DesiredDocument) },
        { "pointer", typeof(ModelPointer) },
        { "acknowledgement", typeof(AcknowledgementDocument) },
        { "acknowledgement", typeof(StreamAcknowledgement) },
        { "acknowledgement", typeof(RefusedRange) },
        { "acknowledgement", typeof(ReportedAcknowledgement) },
        { "range", typeof(SequenceRange) },
        { "reported", typeof(ReportedDocument) },
        { "reported", typeof(AgentInfo) },
        { "reported", typeof(ReportedAsset) },
        { "reported", typeof(ReportedDeployment) },
        { "reported", typeof(OutboxInfo) },
        { "reported", typeof(SensorFault) },
        { "running", typeof(RunningModel) },
    };

    [Theory, MemberData(nameof(Schemas))]
    public void Every_field_is_named(string schema, Type document)
    {
        var text = Regex.Match(Repository.Page("asyncapi.yaml"), $@"^    {schema}:\n((?:      .*\n?)+)", RegexOptions.Multiline).Groups[1].Value;
        Assert.NotEmpty(text);
        Assert.All(ContractsJson.Default.GetTypeInfo(document)!.Properties, field => Assert.Matches($@"(?m)[ {{]{field.Name}:( |$)", text));
    }
}
