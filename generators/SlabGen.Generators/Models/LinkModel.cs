namespace SlabGen.Generators;

/// <summary>A pointer type that is written beside the class.</summary>
/// <param name="Kind">What it stands for.</param>
/// <param name="Name">Its name, unescaped.</param>
internal sealed record LinkModel(LinkKind Kind, string Name)
{
    /// <summary>Its attributes that the struct has, and that its users are to be told.</summary>
    public EquatableArray<string> Warnings { get; init; }
}
