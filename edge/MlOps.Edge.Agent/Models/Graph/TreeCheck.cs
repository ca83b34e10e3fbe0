using System.Text;

namespace MlOps.Edge.Agent.Models.Graph;

/// <summary>
/// Checks that the arrays of a TreeEnsemble are trees: every child exists, has one parent, and no path is too long.
/// A loader that follows a cycle, or a node shared by many parents, does not come back (measured: 1.9 kB do it).
/// </summary>
internal sealed class TreeCheck
{
    private readonly List<long> _trees = [];
    private readonly List<long> _nodes = [];
    private readonly List<long> _whenTrue = [];
    private readonly List<long> _whenFalse = [];
    private readonly List<bool> _leaf = [];

    /// <summary>Takes an attribute's list if it is one of the tree's.</summary>
    public List<long>? Target(string attribute) => attribute switch
    {
        "nodes_treeids" => _trees,
        "nodes_nodeids" => _nodes,
        "nodes_truenodeids" => _whenTrue,
        "nodes_falsenodeids" => _whenFalse,
        _ => null,
    };

    public void AddMode(ReadOnlySpan<byte> mode) => _leaf.Add(Encoding.UTF8.GetString(mode) == "LEAF");

    public void Check(int mostDepth)
    {
        if (_nodes.Count == 0 || new[] { _trees.Count, _whenTrue.Count, _whenFalse.Count, _leaf.Count }.Any(count => count != _nodes.Count))
        {
            throw new GraphRejectedException("the arrays of a tree ensemble are empty or of different lengths");
        }

        var at = new Dictionary<(long Tree, long Node), int>(_nodes.Count);
        for (var i = 0; i < _nodes.Count; i++)
        {
            if (!at.TryAdd((_trees[i], _nodes[i]), i))
            {
                throw new GraphRejectedException($"tree {_trees[i]} has node {_nodes[i]} twice");
            }
        }

        // Each node has at most one parent; then whatever a root reaches is a tree, and what none reaches is a cycle.
        var hasParent = new bool[_nodes.Count];
        for (var i = 0; i < _nodes.Count; i++)
        {
            foreach (var child in Children(i))
            {
                if (!at.TryGetValue((_trees[i], child), out var index) || hasParent[index])
                {
                    throw new GraphRejectedException($"in tree {_trees[i]} the child {child} of node {_nodes[i]} is missing or has two parents");
                }

                hasParent[index] = true;
            }
        }

        var (reached, roots) = (0, new HashSet<long>());
        var level = Enumerable.Range(0, _nodes.Count).Where(i => !hasParent[i]).ToList();
        if (level.Any(root => !roots.Add(_trees[root])))
        {
            throw new GraphRejectedException("a tree has two roots");
        }

        for (var depth = 1; level.Count > 0; depth++)
        {
            if (depth > mostDepth)
            {
                throw new GraphRejectedException($"a tree is deeper than {mostDepth}");
            }

            reached += level.Count;
            level = [.. level.SelectMany(i => Children(i).Select(child => at[(_trees[i], child)]))];
        }

        if (reached != _nodes.Count)
        {
            throw new GraphRejectedException("a tree has a cycle");
        }
    }

    private long[] Children(int i) => _leaf[i] ? [] : [_whenTrue[i], _whenFalse[i]];
}
