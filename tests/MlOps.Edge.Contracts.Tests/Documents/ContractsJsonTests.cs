using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using MlOps.Edge.Contracts.Documents;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Contracts.Tests.Documents;

public sealed class ContractsJsonTests
{
    private const string Reported = """{"session":"s","sequence":7,"agent":{"version":"1","runtime":"r","os":"o"}}""";

    private const string Definition =
        """{"name":"pump-rul","machineKind":"centrifugal-pump","channels":[{"name":"flow","unit":"L/min"}],"window":30,"sampleInterval":"01:00:00","rulCap":125}""";

    [Fact]
    public void A_definition_without_its_optional_fields_has_their_defaults()
    {
        var definition = JsonSerializer.Deserialize(Definition, ContractsJson.Default.ModelDefinition)!;
        Assert.Equal(1, definition.Stride);
        Assert.Equal(0.9, definition.Coverage);
        Assert.Equal(ChannelRole.Sensor, Assert.Single(definition.Channels).Role);
    }

    [Fact]
    public void A_report_without_its_optional_fields_has_empty_lists_and_the_default_group()
    {
        var reported = JsonSerializer.Deserialize(Reported, ContractsJson.Default.ReportedDocument)!;
        Assert.Equal(ProtocolVersion.Current, reported.Protocol);
        Assert.Equal("default", reported.Group);
        Assert.Empty(reported.Assets);
        Assert.Empty(reported.Deployments);
        Assert.Empty(reported.MissingBlobs);
        Assert.Empty(reported.SensorFaults);
        Assert.Equal(new OutboxInfo(0, 0), reported.Outbox);
    }

    [Fact]
    public void An_acknowledgement_and_a_desired_document_may_be_nearly_empty()
    {
        Assert.Empty(JsonSerializer.Deserialize("{}", ContractsJson.Default.AcknowledgementDocument)!.Streams);
        Assert.Equal(ProtocolVersion.Current, JsonSerializer.Deserialize("""{"epoch":3}""", ContractsJson.Default.DesiredDocument)!.Protocol);
    }

    [Fact]
    public void No_optional_member_of_the_contracts_is_init_only_because_generated_readers_forget_its_initial_value()
    {
        var forgetful = typeof(ContractsJson).Assembly.GetExportedTypes()
            .Where(type => type.IsClass && type.GetConstructors().Any(c => c.GetParameters().Length == 0))
            .SelectMany(type => type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
            .Where(p => p.SetMethod is { } set && set.ReturnParameter.GetRequiredCustomModifiers().Any(m => m.Name == "IsExternalInit"))
            .Where(p => p.GetCustomAttribute<System.Runtime.CompilerServices.RequiredMemberAttribute>() is null && HasInitialValue(p));
        Assert.Empty(forgetful.Select(p => $"{p.DeclaringType!.Name}.{p.Name}"));
    }

    [Theory]
    [InlineData("""{"session":"s","sequence":7}""", "agent")]
    [InlineData("""{"session":"s","sequence":7,"agent":{"version":"1","os":"o"}}""", "runtime")]
    [InlineData("""{"session":null,"sequence":7,"agent":{"version":"1","runtime":"r","os":"o"}}""", "session")]
    [InlineData("""{"session":"s","sequence":7,"agent":{"version":"1","runtime":"r","os":"o"},"assets":null}""", "assets")]
    public void A_report_that_lacks_what_the_contract_needs_is_refused_by_the_name_of_the_field(string json, string field)
    {
        var refusal = Assert.Throws<JsonException>(() => JsonSerializer.Deserialize(json, ContractsJson.Default.ReportedDocument));
        Assert.Contains(field, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_written_reads_back_and_leaves_nulls_out()
    {
        var deployment = new ReportedDeployment(SlotRole.Shadow, 3, "pump-rul", 2, DeploymentState.RolledBack);
        var agent = new AgentInfo("1", "r", "o");
        var json = JsonSerializer.Serialize(new ReportedDocument { Session = "s", Sequence = 7, Agent = agent, Deployments = [deployment] }, ContractsJson.Default.ReportedDocument);
        Assert.DoesNotContain("null", json, StringComparison.Ordinal);
        Assert.Contains("\"rolled-back\"", json, StringComparison.Ordinal);
        Assert.Equal(deployment, Assert.Single(JsonSerializer.Deserialize(json, ContractsJson.Default.ReportedDocument)!.Deployments));
    }

    [Fact]
    public void Fields_of_a_later_contract_are_passed_over() =>
        Assert.Equal(9, JsonSerializer.Deserialize("""{"epoch":9,"colour":"green"}""", ContractsJson.Default.DesiredDocument)!.Epoch);

    // A new instance shows what the initialisers give.
    private static bool HasInitialValue(PropertyInfo property)
    {
        var instance = Activator.CreateInstance(property.DeclaringType!)!;
        var value = property.GetValue(instance);
        return value is not null && !value.Equals(property.PropertyType.IsValueType ? Activator.CreateInstance(property.PropertyType) : null);
    }
}
