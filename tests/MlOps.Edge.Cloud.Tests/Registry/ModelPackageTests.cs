using System.Text;
using MlOps.Edge.Cloud.Registry;

namespace MlOps.Edge.Cloud.Tests.Registry;

public class ModelPackageTests
{
    [Fact]
    public async Task The_same_inputs_give_the_same_manifest_whatever_the_order_of_their_maps()
    {
        var draft = await Drafts.PutAsync(new InMemoryArtifacts(), "run-1");
        var turned = draft with { Metrics = draft.Metrics.Reverse().ToDictionary() };

        Assert.Equal(Manifest(draft), Manifest(turned));
        Assert.NotEqual(Manifest(draft), Manifest(draft with { Run = "run-2" }));
    }

    [Fact]
    public async Task A_graph_for_another_window_is_never_signed()
    {
        var draft = await Drafts.PutAsync(new InMemoryArtifacts(), "run-1");

        var error = Assert.Throws<InvalidModelException>(() => ModelPackage.Of(Drafts.Definition("pump") with { Window = 4 }, draft, 1, [1, 2, 3]));

        Assert.Equal("The graph takes [-1, 3, 2], and the model's window is [-1, 4, 2].", error.Message);
    }

    [Fact]
    public async Task A_version_that_no_device_could_prove_is_never_signed()
    {
        var draft = await Drafts.PutAsync(new InMemoryArtifacts(), "run-1");

        Assert.Throws<InvalidModelException>(() => Manifest(draft with { GoldenJson = "[]" }));
        Assert.Throws<InvalidModelException>(() => Manifest(draft with { GoldenJson = "nonsense" }));
        Assert.Throws<InvalidModelException>(() => Manifest(draft with { GoldenJson = draft.GoldenJson.Replace("rul_upper", "rul_most", StringComparison.Ordinal) }));
    }

    private static string Manifest(VersionDraft draft) =>
        Encoding.UTF8.GetString(ModelPackage.Of(Drafts.Definition("pump"), draft, 1, [1, 2, 3]).ManifestJson);
}
