namespace SlabGen.Generators;

/// <summary>A pointer type that is written beside the class.</summary>
/// <param name="Kind">The pointer of the runtime that it replaces.</param>
/// <param name="Name">Its name, unescaped.</param>
internal sealed record LinkModel(LinkKind Kind, string Name)
{
    /// <summary>The <c>[Obsolete]</c> and <c>[Experimental]</c> that it has, as they are written.</summary>
    public EquatableArray<string> Warnings { get; init; }
}
