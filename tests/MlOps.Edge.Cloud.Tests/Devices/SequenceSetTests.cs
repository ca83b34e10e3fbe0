using CsCheck;
using MlOps.Edge.Cloud.Devices;

namespace MlOps.Edge.Cloud.Tests.Devices;

public class SequenceSetTests
{
    [Fact]
    public void Spans_are_the_runs_of_what_was_added_whatever_the_order() =>
        Gen.Select(Gen.Long[1, 40], Gen.Long[0, 6], (first, more) => (First: first, Last: first + more)).Array[0, 30].Sample(ranges =>
        {
            var set = new SequenceSet();
            var plain = new SortedSet<long>();
            foreach (var (first, last) in ranges)
            {
                set.Add(first, last);
                for (var i = first; i <= last; i++)
                {
                    plain.Add(i);
                }
            }

            var listed = set.Spans.SelectMany(s => Enumerable.Range((int)s.First, (int)(s.Last - s.First + 1)).Select(i => (long)i));
            var apart = set.Spans.Zip(set.Spans.Skip(1)).All(pair => pair.First.Last + 1 < pair.Second.First);
            return listed.SequenceEqual(plain) && apart;
        });
}
