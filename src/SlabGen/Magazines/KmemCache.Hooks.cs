using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using SlabGen.Slabs;

namespace SlabGen;

// What the hooks of a generated class need besides the calls that it makes itself.
public sealed partial class KmemCache
{
    /// <summary>For generated code: the end of an allocation whose object <see cref="SlabInitAttribute"/> refused. All of them went back.</summary>
    /// <param name="objects">How many objects were asked for.</param>
    /// <exception cref="OutOfMemoryException">Always.</exception>
    [EditorBrowsable(EditorBrowsableState.Never)]
    [DoesNotReturn]
    public void ThrowRefused(int objects) => Throw.Refused(_node, objects);
}
