using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;
using MlOps.Edge.Cli;
using MlOps.Edge.Cli.Usage;

namespace MlOps.Edge.Api.Tests.Docs;

public sealed partial class DocumentationTests
{
    [Fact]
    public async Task Every_route_is_documented_and_every_documented_route_exists()
    {
        await using var cloud = await TestCloud.StartAsync(virtualTime: true);
        var openApi = (await cloud.GetAsync("/openapi/v1.json")).Json;
        var served = openApi.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(method => $"{method.Name.ToUpperInvariant()} {path.Name.TrimEnd('/')}")).Order();
        var documented = RouteHeading().Matches(Page("rest-api.md")).Select(m => m.Groups[1].Value).Order();
        Assert.Equal(documented, served);
    }

    [Fact]
    public async Task Every_operation_has_a_name_a_summary_a_tag_and_says_how_it_fails()
    {
        await using var cloud = await TestCloud.StartAsync(virtualTime: true);
        var operations = (await cloud.GetAsync("/openapi/v1.json")).Json.GetProperty("paths").EnumerateObject().SelectMany(p => p.Value.EnumerateObject()).Select(o => o.Value).ToArray();
        Assert.Equal(operations.Length, operations.Select(o => o.GetProperty("operationId").GetString()).Distinct().Count());
        Assert.All(operations, o =>
        {
            Assert.NotEmpty(o.GetProperty("summary").GetString()!);
            Assert.Equal(1, o.GetProperty("tags").GetArrayLength());
            Assert.True(o.GetProperty("responses").GetProperty("500").GetProperty("content").TryGetProperty("application/problem+json", out _));
            Assert.Contains(o.GetProperty("responses").EnumerateObject(), r => r.Name[0] == '2' && r.Value.TryGetProperty("content", out _));
        });
    }

    [Fact]
    public void Every_verb_is_documented_and_every_documented_verb_exists()
    {
        var verbs = Root().Subcommands.SelectMany(noun => noun is Verb ? [$"mlops {noun.Name}"] : noun.Subcommands.Select(verb => $"mlops {noun.Name} {verb.Name}")).Order();
        var documented = VerbHeading().Matches(Page("cli.md")).Select(m => m.Groups[1].Value).Order();
        Assert.Equal(documented, verbs);
    }

    [Fact]
    public void Every_example_in_the_docs_and_in_the_help_is_understood()
    {
        var root = Root();
        var examples = CliExample().Matches(Page("cli.md")).Select(m => m.Groups[1].Value)
            .Concat(root.Subcommands.SelectMany(noun => noun is Verb verb ? [verb] : noun.Subcommands.Cast<Verb>()).SelectMany(verb => verb.Examples));
        Assert.All(examples, example =>
        {
            Assert.StartsWith("mlops ", example, StringComparison.Ordinal);
            Assert.Empty(root.Parse(CommandLineParser.SplitCommandLine(example["mlops ".Length..]).ToArray()).Errors);
        });
    }

    private static RootCommand Root() => new MlOpsCli(new() { Output = TextWriter.Null, Error = TextWriter.Null }).Root;

    private static string Page(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "MlOps.Edge.sln")))
            {
                return File.ReadAllText(Path.Combine(folder.FullName, "docs", name));
            }
        }

        throw new DirectoryNotFoundException($"No repository above {AppContext.BaseDirectory}.");
    }

    [GeneratedRegex("^### `((?:GET|PUT|POST) [^`]+)`", RegexOptions.Multiline)]
    private static partial Regex RouteHeading();

    [GeneratedRegex("^### `(mlops [^`]+)`", RegexOptions.Multiline)]
    private static partial Regex VerbHeading();

    [GeneratedRegex("^    (mlops .+?)$", RegexOptions.Multiline)]
    private static partial Regex CliExample();
}
