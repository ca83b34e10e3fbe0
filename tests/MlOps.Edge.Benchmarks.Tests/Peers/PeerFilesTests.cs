using MlOps.Edge.Benchmarks.Peers;

namespace MlOps.Edge.Benchmarks.Tests.Peers;

public sealed class PeerFilesTests
{
    [Fact]
    public void Every_file_of_a_peer_is_in_the_program() => Assert.All(PeerFiles.Names.Concat(PeerFiles.OfAgent), name => Assert.NotEmpty(PeerFiles.Text(name)));

    [Fact]
    public void Every_peer_has_a_bridge_and_its_packages() => Assert.All(Peer.All, peer =>
    {
        Assert.Contains($"{peer.Name}.mjs", PeerFiles.Names);
        Assert.Contains($"{peer.Name}.package.json", PeerFiles.Names);
    });
}
